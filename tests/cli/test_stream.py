"""`vartai stream`: line in, line out."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.commands import SMALL, Run, Said, finish, make_rows, start, write_csv
from tests.stream.models import classifier, language_model, sentence, tagger

from vartai.bundle.trained import save_task
from vartai.cli.stream import running
from vartai.stream.opening import open_stream

Pipe = Callable[..., Said]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A model on disk for each task, and a tagger with a field. Tests must not change them."""
    folder = tmp_path_factory.mktemp("models")
    made = {
        "classify": classifier("word", "lstm", "mean"),
        "tag": tagger(),
        "tag-crf": tagger(crf=True),
        "generate": language_model("char"),
    }
    for name, task in made.items():
        card = "# A model\n"
        save_task(folder / name, name.removesuffix("-crf"), task, metrics={}, card=card)
    return {name: folder / name for name in made}


@pytest.fixture
def pipe(run: Run, monkeypatch: pytest.MonkeyPatch) -> Pipe:
    """Run `vartai stream` on bytes."""

    def command(raw: bytes, *arguments: str | Path) -> Said:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        return run("stream", *arguments)

    return command


def records(said: Said) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.out.splitlines()]


def test_each_line_is_a_text_of_its_own(pipe: Pipe, models: dict[str, Path]) -> None:
    said = pipe(b"not bad\nbad\n\nnot bad", models["classify"])
    lines = said.out.splitlines()
    assert said.code == 0
    assert len(lines) == 4
    assert lines[0] == lines[3] != lines[1]
    assert lines[2] == "!error\tline 3: blank line: expected a record, found an empty line"
    label, share = lines[0].split("\t")
    assert label in ("bad", "good", "ugly")
    task = classifier("word", "lstm", "mean")
    assert abs(float(share) - task.probabilities(["not bad"]).max()) < 1e-4


def test_an_endless_text_has_a_prediction_a_line(pipe: Pipe, models: dict[str, Path]) -> None:
    said = pipe("not\nbad ė\n".encode(), models["classify"], "--endless", "--json")
    first, second = records(said)
    assert (first["tokens"], second["tokens"]) == (1, 3)
    expected = classifier("word", "lstm", "mean").probabilities(["not\nbad ė"])[0]
    for found, share in zip(second["probabilities"].values(), expected, strict=True):
        assert found == pytest.approx(share, abs=1e-5)


@pytest.mark.parametrize("endless", [(), ("--endless",)])
def test_a_line_that_cannot_be_read_is_answered_in_its_place(
    pipe: Pipe, models: dict[str, Path], monkeypatch: pytest.MonkeyPatch, endless: tuple[str, ...]
) -> None:
    monkeypatch.setattr(running, "MAX_BYTES", 20)
    raw = b"not\nb\xffad\n" + b"a" * 21 + b"\nbad\n"
    for name in ("classify", "generate"):
        said = pipe(raw, models[name], "--json", *endless)
        answers = records(said)
        assert [answer["line"] for answer in answers] == [1, 2, 3, 4]
        assert [answer["error"] is None for answer in answers] == [True, False, False, True]
        assert "byte 0xFF" in answers[1]["error"]
        assert "expected at most 20 bytes, found 21" in answers[2]["error"]
        assert answers[1].keys() == answers[0].keys()
        assert "2 of 4 lines could not be read" in said.err
    said = pipe(raw, models["classify"], *endless)
    assert said.out.splitlines()[1].startswith("!error\tline 2: undecodable byte")


def test_a_word_a_line_gets_its_tag_and_an_empty_line_ends_the_sentence(
    pipe: Pipe, models: dict[str, Path]
) -> None:
    said = pipe(b"Not\nbad\n\nNot\n", models["tag"])
    lines = said.out.splitlines()
    assert len(lines) == 4
    assert (lines[2], lines[3]) == ("", lines[0])
    (expected,) = tagger().predict([sentence("Not", "bad")])
    assert tuple(lines[:2]) == expected


def test_late_tags_and_errors_keep_the_order_of_the_lines(
    pipe: Pipe, models: dict[str, Path]
) -> None:
    raw = b"Not\n\xff\nbad\nat\n\nall\n\xfe\n"
    answers = records(pipe(raw, models["tag-crf"], "--delay", "2", "--json"))
    assert [answer["line"] for answer in answers] == [1, 2, 3, 4, 5, 6, 7]
    words = [answer["word"] for answer in answers]
    assert words == ["Not", None, "bad", "at", None, "all", None]
    assert [answer["error"] is None for answer in answers] == [True, False, *[True] * 4, False]
    (expected,) = tagger(crf=True).predict([sentence("Not", "bad", "at")])
    assert tuple(answers[place]["tag"] for place in (0, 2, 3)) == expected


def test_a_run_of_faults_does_not_pile_up_behind_a_word_that_waits(
    pipe: Pipe, models: dict[str, Path]
) -> None:
    said = pipe(b"Not\n" + b"\xff\n" * 1_100, models["tag-crf"], "--delay", "2")
    assert len(said.out.splitlines()) == 1_101
    assert "… and 1,080 more such lines." in said.err


def test_a_line_is_written_on_and_the_state_is_carried(pipe: Pipe, models: dict[str, Path]) -> None:
    typed = (models["generate"], "--length", "12")
    said = pipe(b"Not bad\nNot bad\n", *typed)
    first, second = said.out.splitlines()
    assert first == second
    assert 0 < len(first) <= 12
    carried = pipe(b"Not bad\nNot bad\n", *typed, "--endless").out.splitlines()
    assert carried[0] != carried[1]


def test_a_state_goes_from_run_to_run(pipe: Pipe, models: dict[str, Path], tmp_path: Path) -> None:
    typed = (models["classify"], "--endless", "--json")
    whole = records(pipe(b"not\nbad\n", *typed))
    state = ("--state", tmp_path / "state")
    first = records(pipe(b"not\n", *typed, *state))
    second = records(pipe(b"bad\n", *typed, *state))
    assert first[0]["probabilities"] == whole[0]["probabilities"]
    assert second[0]["probabilities"] == whole[1]["probabilities"]
    stream = open_stream("classify", classifier("word", "lstm", "mean"))
    stream.push("not\nbad\n")
    assert (tmp_path / "state").read_bytes() == stream.state.to_bytes()
    assert "belongs to the model" in pipe(b"", models["tag"], *state).error
    (tmp_path / "state").write_bytes(b"?")
    assert "stream state: expected it to begin with" in pipe(b"", *typed, *state).error


@pytest.mark.parametrize(
    ("name", "typed", "text"),
    [
        ("classify", ["--delay", "1"], "--delay has no use here: the model is a classifier"),
        ("classify", ["--state", "x"], "each line begins anew without --endless"),
        ("generate", ["--length", "0"], "length must be at least 1"),
        ("generate", ["--no-repeat", "2"], "no_repeat looks back on all"),
        ("tag", ["--endless"], "--endless has no use here: the model is a tagger"),
        ("tag", ["--delay", "1"], "delay has no use here: without --crf"),
        ("tag-crf", ["--delay", "1", "--state", "x"], "--state goes with tags"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    pipe: Pipe, models: dict[str, Path], name: str, typed: list[str], text: str
) -> None:
    said = pipe(b"a\n", models[name], *typed)
    assert (said.code, said.out) == (2, "")
    assert text in said.error


def test_answers_come_before_the_input_ends_and_ctrl_c_ends_it(models: dict[str, Path]) -> None:
    process = start("stream", models["classify"], stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    for text in ("not bad", "bad"):
        process.stdin.write(f"{text}\n")
        process.stdin.flush()
        assert "\t" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    said = finish(process)
    assert (said.code, said.out) == (130, "")
    assert said.error == "interrupted"


def test_a_closed_pipe_ends_it_without_a_word(models: dict[str, Path], tmp_path: Path) -> None:
    state = tmp_path / "state"
    process = start(
        "stream", models["classify"], "--endless", "--state", state, stdin=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("not\n")
    process.stdin.flush()
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    process.stdin.write("bad\n" * 10)
    process.stdin.close()
    with process.stderr as stderr:
        assert stderr.read() == ""
    assert process.wait(timeout=120) == 1
    assert state.stat().st_size > 100


def test_streaming_trains_a_model_that_can_be_streamed(
    run: Run, pipe: Pipe, tmp_path: Path
) -> None:
    table = write_csv(tmp_path / "table.csv", make_rows(60))
    plain, streaming = tmp_path / "plain", tmp_path / "streaming"
    assert run("train", "classify", table, "--out", plain, *SMALL).code == 0
    said = pipe(b"a\n", plain)
    assert said.code == 2
    assert "bidirectional" in said.error
    assert "--streaming" in said.error
    done = run("train", "classify", table, "--out", streaming, "--streaming", *SMALL)
    assert done.code == 0
    assert pipe(b"a\n", streaming).code == 0


def test_what_cannot_be_streamed_does_not_go_with_streaming(
    run: Run, table: Path, tmp_path: Path
) -> None:
    out = ("--out", tmp_path / "model")
    said = run("train", "classify", table, *out, "--streaming", "--bidirectional")
    assert said.code == 2
    assert "bidirectional" in said.error
    printed = run("train", "tag", "--streaming", "--print-config")
    assert "bidirectional = false" in printed.out
