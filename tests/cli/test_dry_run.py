"""`vartai train … --dry-run`: everything that training would read, and no training."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.commands import Run, make_rows, write_csv

LINES = "a dog\tein Hund\na cat\teine Katze\nlost\n" + "".join(
    f"the bee number {place}\tdie Biene Nummer {place}\n" for place in range(40)
)


@pytest.mark.parametrize("task", ["answer", "caption", "generate", "tag", "translate"])
def test_built_in_data_is_counted_and_nothing_is_left_behind(
    task: str, tmp_path: Path, run: Run
) -> None:
    said = run("train", task, "--demo", "--out", tmp_path / "m", "--dry-run", "--json")
    assert said.code == 0, said.err
    assert said.answer["task"] == task
    assert said.answer["files"] == []
    assert min(said.answer[part] for part in ("train", "valid", "test")) >= 1
    assert "to train on, " in said.err
    assert not list(tmp_path.iterdir())


def test_rejected_rows_are_told_and_kept_and_no_model_is_made(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "pairs.tsv"
    file.write_text(LINES, encoding="utf-8")
    command = ("train", "translate", file, "--out", tmp_path / "m", "--dry-run")
    said = run(*command, "--json")
    parts = [said.answer[name] for name in ("train", "valid", "test", "rejected")]
    assert said.answer["files"] == [str(file)]
    assert sum(parts) == 43
    assert parts[3] == 1
    assert "line 3: wrong number of fields: expected 2, found 1" in said.err
    assert [place.name for place in (tmp_path / "m.run").iterdir()] == ["dry-run-rejects.jsonl"]
    assert not (tmp_path / "m").exists()
    assert "Nothing was trained" in run(*command).out


def test_the_rejects_of_an_earlier_training_stay(tmp_path: Path, run: Run) -> None:
    earlier = tmp_path / "m.run" / "rejects.jsonl"
    earlier.parent.mkdir()
    earlier.write_text("{}\n", encoding="utf-8")
    file = tmp_path / "pairs.tsv"
    file.write_text(LINES, encoding="utf-8")
    assert run("train", "translate", file, "--out", tmp_path / "m", "--dry-run").code == 0
    assert earlier.read_text(encoding="utf-8") == "{}\n"


def test_the_same_command_without_the_flag_trains_on_as_much(tmp_path: Path, run: Run) -> None:
    table = write_csv(tmp_path / "table.csv", make_rows(60))
    command = ("train", "classify", table, "--out", tmp_path / "m", "--epochs", "1", "--json")
    looked = run(*command, "--dry-run")
    trained = run(*command)
    assert trained.code == 0, trained.err
    told = next(line for line in looked.err.splitlines() if "texts to train on" in line)
    assert told in trained.err


def test_a_file_that_cannot_be_used_leaves_nothing_behind(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "questions.json"
    file.write_text('{"x": 1}', encoding="utf-8")
    said = run("train", "answer", file, "--out", tmp_path / "m", "--dry-run")
    assert "expected a column with the context, found x" in said.error
    assert list(tmp_path.iterdir()) == [file]
