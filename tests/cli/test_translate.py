"""`vartai train translate`, `translate` and what the other verbs say of a translator."""

from __future__ import annotations

import io
import json
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.cli.commands import Run, Said, finish, start

from vartai.cli.main import main
from vartai.data.small_grammar import generate_grammar
from vartai.tasks.translate.task import TranslateTask

SMALL = ["--hidden-size", "8", "--embedding-size", "8", "--epochs", "1", "--threads", "1"]
SMALL += ["--vocabulary-size", "300", "--beam", "2", "--max-ratio", "0.5", "--max-tokens", "60"]
SMALL += ["--sample", "2"]
CORPUS = generate_grammar(train=60, valid=1, test=1, seed=3).train


def write_files(folder: Path) -> list[str]:
    """Two files, a line for a line."""
    names = [folder / "pairs.en", folder / "pairs.lt"]
    for name, texts in zip(names, (CORPUS.sources, CORPUS.targets), strict=True):
        name.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return [str(name) for name in names]


@pytest.fixture(scope="session")
def translator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A translator on disk, trained on two files. Tests must not change it."""
    folder = tmp_path_factory.mktemp("translator")
    files = write_files(folder)
    assert main(["train", "translate", *files, "--out", str(folder / "model"), *SMALL]) == 0
    return folder / "model"


def translate(run: Run, monkeypatch: pytest.MonkeyPatch, raw: bytes, *arguments: object) -> Said:
    """Run the verb on these bytes."""
    stdin = SimpleNamespace(buffer=io.BytesIO(raw), isatty=lambda: False)
    monkeypatch.setattr(sys, "stdin", stdin)
    return run("translate", *arguments)


def test_training_prints_the_model_beside_honest_baselines(tmp_path: Path, run: Run) -> None:
    table = tmp_path / "pairs.tsv"
    pairs = zip(CORPUS.sources, CORPUS.targets, strict=True)
    rows = [f"{source}\t{target}\n" for source, target in pairs]
    table.write_text("en\tlt\n" + "".join(rows) + "only one side\t\n", encoding="utf-8")
    columns = ["--source", "en", "--target", "lt"]
    said = run("train", "translate", table, *columns, "--out", tmp_path / "m", *SMALL)
    assert said.code == 0, said.err
    for name in ("copy", "dictionary", "nearest", "gru"):
        assert f"\n{name} " in said.out
    assert "case:mixed" in said.out
    assert "1 row rejected (1 × empty text)" in said.err
    [rejected] = (tmp_path / "m.run" / "rejects.jsonl").read_text().splitlines()
    assert json.loads(rejected)["line"] == 62
    assert not (tmp_path / "m.run" / "checkpoint.safetensors").exists()
    card = (tmp_path / "m" / "README.md").read_text()
    assert "pipeline_tag: translation" in card


def test_json_holds_the_scores_and_their_signatures(tmp_path: Path, run: Run) -> None:
    files = write_files(tmp_path)
    own = ["--valid", *files[:1], "--valid", *files[1:], "--test", *files[:1], "--test", *files[1:]]
    said = run("train", "translate", *files, *own, "--out", tmp_path / "m", *SMALL, "--json")
    answer = said.answer
    assert answer["pairs"] == {"train": 60, "valid": 60, "test": 60}
    assert set(answer["test"]) >= {"bleu", "chrf", "nats_per_token", "bleu_signature"}
    assert answer["baselines"]["nearest"]["bleu"] == pytest.approx(100.0)  # it has seen them all


def test_unaligned_files_are_a_mistake(tmp_path: Path, run: Run) -> None:
    files = write_files(tmp_path)
    with Path(files[1]).open("a", encoding="utf-8") as file:
        file.write("dar viena\n")
    said = run("train", "translate", *files, "--out", tmp_path / "m", *SMALL)
    assert said.code == 2
    assert "found 60 in" in said.error
    assert "and 61 in" in said.error
    assert "from line 61 on" in said.error


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--out", "m"], "expected a table of pairs or two files"),
        (["--demo", "a.tsv", "--out", "m"], "found both"),
        (["--demo"], "expected --out DIR"),
        (["--demo", "--out", "m", "--cell", "gruu"], "unknown cell 'gruu'; known: gru, lstm, rnn"),
        (["--demo", "--out", "m", "--hidden-size", "9"], "so even; was 9"),
    ],
)
def test_what_makes_no_sense_is_a_mistake(arguments: list[str], told: str, run: Run) -> None:
    said = run("train", "translate", *arguments)
    assert said.code == 2
    assert told in said.error


def test_options_of_the_demonstration_give_way_to_what_is_typed(run: Run) -> None:
    said = run("train", "translate", "--demo", "--epochs", "3", "--print-config")
    assert "hidden_size = 64" in said.out
    assert "epochs = 3" in said.out
    usual = run("train", "translate", "--print-config")
    assert "hidden_size = 320" in usual.out


def test_an_interrupted_run_says_how_to_go_on_and_goes_on(tmp_path: Path, run: Run) -> None:
    files = write_files(tmp_path)
    longer = [*SMALL, "--patience", "400", "--checkpoint", "1s"]
    longer[SMALL.index("--epochs") + 1] = "400"
    command = ["train", "translate", *files, "--out", str(tmp_path / "m"), *longer]
    process = start(*command)
    checkpoint = tmp_path / "m.run" / "checkpoint.safetensors"
    for _ in range(600):
        if checkpoint.exists() or process.poll() is not None:
            break
        signal.sigtimedwait([], 0.1)
    process.send_signal(signal.SIGINT)
    said = finish(process)
    assert said.code == 130, said.err
    assert "--resume" in said.err
    resumed = run(*command, "--resume", "--time", "1s")
    assert resumed.code == 0, resumed.err
    measured = json.loads((tmp_path / "m" / "metrics.json").read_text(encoding="utf-8"))
    assert measured["seconds"] >= measured["history"][-1]["seconds"] >= 1


def test_as_many_lines_come_out_as_went_in_and_in_their_order(
    translator: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["The bee sees.", "", "The old man of the house loves the cat.", "  ", "Dog"]
    raw = "\n".join(texts).encode() + b"\ncaf\xe9\nThe bee sees.\n\n"
    said = translate(run, monkeypatch, raw, translator, "--lines", 3)
    lines = said.out.split("\n")
    assert said.code == 0
    assert len(lines) == 9
    assert lines[-1] == ""
    assert [bool(line) for line in lines[:8]] == [
        True,
        False,
        True,
        False,
        True,
        False,
        True,
        False,
    ]
    assert lines[0] == lines[6]
    assert "line 6: undecodable byte: byte 3 of the line" in said.err
    at_once = translate(run, monkeypatch, raw, translator, "--lines", 100)
    assert at_once.out == said.out


def test_nothing_in_is_nothing_out(
    translator: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = translate(run, monkeypatch, b"", translator)
    assert (said.code, said.out) == (0, "")


def test_a_translation_never_breaks_its_line(
    translator: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(task: TranslateTask, ids: object) -> str:
        return "a\nb\r\nc\u2028d"

    monkeypatch.setattr("vartai.tasks.translate.task.decode_pieces", breaks)
    said = translate(run, monkeypatch, b"x\ny\n", translator)
    assert said.out == "a b c d\na b c d\n"


def test_alternatives_and_attention_as_json(translator: Path, run: Run) -> None:
    options = ["--json", "--n-best", "3", "--beam", "4", "--attention"]
    said = run("translate", translator, "The bee sees.", "", *options)
    first, second = map(json.loads, said.out.splitlines())
    assert first["text"] == "The bee sees."
    assert len(first["translations"]) == 3
    assert len(first["attention"]["weights"]) == len(first["attention"]["target"])
    assert second["translations"][0]["text"] == ""
    assert second["attention"] is None


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--n-best", "2"], "--n-best writes several translations of a line; it needs --json"),
        (["--attention"], "it needs --json"),
        (["--json", "--beam", "1", "--n-best", "2"], "--n-best 2 is more than the beam of 1 finds"),
        (["--lines", "0"], "lines must be at least 1"),
        (["--beam", "0"], "beam must be at least 1"),
    ],
)
def test_options_that_do_not_go_together(
    translator: Path, options: list[str], told: str, run: Run
) -> None:
    said = run("translate", translator, "x", *options)
    assert said.code == 2
    assert told in said.error


def test_a_classifier_does_not_translate(trained: Path, run: Run) -> None:
    said = run("translate", trained, "x")
    assert said.code == 2
    assert "is a model for classify, which has no translate" in said.error


def test_a_translator_is_evaluated_worst_first(translator: Path, tmp_path: Path, run: Run) -> None:
    files = write_files(tmp_path)
    said = run("evaluate", translator, *files, "--out", tmp_path / "e", "--json")
    assert said.code == 0, said.err
    assert said.answer["pairs"] == 60
    worst = (tmp_path / "e" / "worst.jsonl").read_text(encoding="utf-8").splitlines()
    scores = [json.loads(line)["chrf"] for line in worst]
    assert scores == sorted(scores)
    told = run("evaluate", translator, *files, "--out", tmp_path / "e")
    assert "BLEU: nrefs:1|case:mixed" in told.out
    refused = run("evaluate", translator, *files, "--label", "x")
    assert (refused.code, "--label has no use here" in refused.error) == (2, True)


def test_show_says_what_a_translator_is(translator: Path, run: Run) -> None:
    said = run("show", translator)
    assert "attention: multiplicative" in said.out
    assert "decoder.further 1, forward" in said.out
    facts = run("show", translator, "--json").answer
    assert facts["source_vocabulary"] == facts["target_vocabulary"]
