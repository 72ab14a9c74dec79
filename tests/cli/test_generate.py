"""`vartai train generate`, `generate`, and what other verbs say of a language model."""

from __future__ import annotations

import io
import signal
from pathlib import Path

import pytest
from tests.cli.commands import Run, finish, start

from vartai.cli.main import main
from vartai.data.tales import write_tales

SMALL = [
    *("--hidden-size", "12", "--embedding-size", "8", "--epochs", "2"),
    *("--streams", "5", "--threads", "1", "--device", "cpu"),
]
SCORES = {"nats_per_unit", "perplexity", "bits_per_character", "units"}


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("book") / "book.txt"
    file.write_text("".join(write_tales(80, seed=2)), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def model(book: Path) -> Path:
    """A model on disk. Tests must not change it."""
    folder = book.with_name("model")
    assert main(["train", "generate", str(book), "--out", str(folder), *SMALL]) == 0
    return folder


def test_json_holds_the_scores_of_the_model_and_its_baselines(
    run: Run, book: Path, tmp_path: Path
) -> None:
    answer = run("train", "generate", book, "--out", tmp_path / "m", "--json", *SMALL).answer
    assert answer["test"].keys() == answer["valid"].keys() == SCORES
    assert set(answer["baselines"]) == {"unit frequencies", "6-grams, Kneser-Ney"}
    assert answer["unit"] == "char"


def test_a_person_reads_a_table_a_sentence_and_what_to_type_next(run: Run, tmp_path: Path) -> None:
    said = run("train", "generate", "--demo", "--out", tmp_path / "m", "--time", "2s", *SMALL)
    assert said.code == 0
    assert "bits a character" in said.out
    assert "standard error" in said.out
    assert "vartai generate" in said.out
    assert "characters to train on" in said.err


def test_text_is_written_to_standard_output_and_a_seed_decides_it(run: Run, model: Path) -> None:
    typed = ("generate", model, "--prompt", "Ona took", "--length", "30")
    first, again = run(*typed), run(*typed)
    assert first.out == again.out
    assert first.out.startswith("Ona took")
    assert len(first.out) == len("Ona took") + 30 + 1
    assert run(*typed, "--seed", "9").out != first.out


def test_json_tells_of_each_sample_why_it_ended(run: Run, model: Path) -> None:
    answer = run(
        "generate", model, "--prompt", "Ona", "--samples", "2", "--length", "9", "--json"
    ).answer
    assert [len(sample["ids"]) for sample in answer["samples"]] == [9, 9]
    assert answer["samples"][0]["ended"] == "length"
    assert answer["unknown"] == []


def test_a_greedy_circle_is_told_of_on_standard_error(run: Run, model: Path) -> None:
    said = run("generate", model, "--prompt", "Ona", "--length", "300", "--temperature", "0")
    assert "goes round in a circle" in said.err


def test_an_unknown_prompt_is_counted_and_a_wholly_unknown_one_refused(
    run: Run, model: Path
) -> None:
    said = run("generate", model, "--prompt", "Ona Ł", "--length", "5")
    assert "1 character of the prompt is not in the vocabulary" in said.err
    refused = run("generate", model, "--prompt", "Ł")
    assert refused.code == 2
    assert "the prompt has no character that the model knows" in refused.error


def test_a_prompt_comes_from_a_file_too(run: Run, model: Path, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("Eglė took\n", encoding="utf-8")
    said = run("generate", model, "--prompt-file", tmp_path / "p.txt", "--length", "4")
    assert said.out.startswith("Eglė took\n")
    both = run("generate", model, "--prompt", "a", "--prompt-file", tmp_path / "p.txt")
    assert both.error == "expected --prompt or --prompt-file, found both"


def test_interactive_goes_on_after_each_line(
    run: Run, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Ona\n\nJonas\n"))
    said = run("generate", model, "--interactive", "--length", "6")
    assert said.code == 0
    assert len(said.out) == 3 * (6 + 1)
    assert "Ctrl-D ends" in said.err


def test_ctrl_c_ends_the_line_and_the_run(model: Path) -> None:
    process = start("generate", model, "--prompt", "Ona", "--length", "100000000")
    assert process.stdout is not None
    assert process.stdout.read(20).startswith("Ona")
    process.send_signal(signal.SIGINT)
    said = finish(process)
    assert said.code == 130
    assert said.error == "interrupted"
    assert said.out.endswith("\n")


def test_evaluate_counts_every_unit_once(run: Run, model: Path, tmp_path: Path) -> None:
    text = "".join(write_tales(3, seed=8))
    (tmp_path / "t.txt").write_text(text, encoding="utf-8")
    answer = run("evaluate", model, tmp_path / "t.txt", "--json").answer
    assert answer.keys() == SCORES | {"unknown", "characters"}
    assert answer["units"] == answer["characters"] == len(text)
    shown = run("evaluate", model, tmp_path / "t.txt")
    assert f"{answer['nats_per_unit']:.4f}" in shown.out


def test_evaluate_refuses_options_of_tables(run: Run, model: Path, book: Path) -> None:
    said = run("evaluate", model, book, "--label", "x")
    assert said.error == "--label has no use here: running text has no columns"


def test_predict_names_the_right_verb_and_show_shows(run: Run, model: Path) -> None:
    said = run("predict", model, "text")
    assert said.code == 2
    assert "which has no predict; it has: evaluate, generate, stream, show" in said.error
    assert run("show", model, "--json").answer["unit"] == "char"


def test_a_classifier_does_not_generate(run: Run, trained: Path) -> None:
    assert "is a model for classify, which has no generate" in run("generate", trained).error


def test_mistakes_are_named_before_anything_is_trained(
    run: Run, book: Path, tmp_path: Path
) -> None:
    out = ["--out", str(tmp_path / "m")]
    assert run("train", "generate", *out).error.startswith("expected a file of text")
    assert "found both" in run("train", "generate", book, "--demo", *out).error
    assert "expected --out DIR" in run("train", "generate", book).error
    twice = run("train", "generate", book, "--test", book, *out)
    assert "is given for two purposes" in twice.error
    assert (
        "batch_size has no use here"
        in run("train", "generate", book, "--batch-size", "3", *out).error
    )
