"""`vartai evaluate`: scores to read, files to look into."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tests.cli.commands import Run, make_rows, write_csv


def test_scores_tables_and_files_agree(
    run: Run, trained: Path, table: Path, tmp_path: Path
) -> None:
    out = tmp_path / "evaluation"
    answer = run("evaluate", trained, table, "--out", out, "--json").answer
    assert answer["texts"] == 100
    assert sum(map(sum, answer["confusion"])) == 100
    wrong = [json.loads(line) for line in (out / "wrong.jsonl").read_text().splitlines()]
    assert len(wrong) == 100 - round(answer["accuracy"] * 100)
    confidence = [record["confidence"] for record in wrong]
    assert confidence == sorted(confidence, reverse=True)
    for name in ("confusion.html", "calibration.html", "learning-curve.html"):
        assert "Plotly" in (out / name).read_text(encoding="utf-8")


def test_a_person_reads_classes_confusion_and_calibration(
    run: Run, trained: Path, table: Path, tmp_path: Path
) -> None:
    said = run("evaluate", trained, table, "--out", tmp_path / "evaluation")
    assert said.code == 0
    for expected in ("macro-F1", "words shuffled", "calibration error", "precision", "predicted"):
        assert expected in said.out


def test_without_plotly_the_scores_come_and_the_install_line(
    run: Run, trained: Path, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotly.offline", None)
    said = run("evaluate", trained, table, "--out", tmp_path / "evaluation")
    assert said.code == 0
    assert "pip install 'vartai[inspect]'" in said.err
    assert "accuracy" in said.out


def test_a_label_that_the_model_lacks_is_a_mistake(run: Run, trained: Path, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "test.csv", [*make_rows(3), ("so so", "neutral")])
    said = run("evaluate", trained, file, "--out", tmp_path / "evaluation")
    assert said.code == 2
    assert "test.csv, line 5: label 'neutral' is not among the model's: neg, pos" in said.error


def test_rejected_rows_are_counted_and_filed(run: Run, trained: Path, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "test.csv", [*make_rows(3), ("", "pos")])
    said = run("evaluate", trained, file, "--out", tmp_path / "evaluation")
    assert said.code == 0
    assert "1 row rejected (1 × empty text)" in said.err
    assert len((tmp_path / "evaluation" / "rejects.jsonl").read_text().splitlines()) == 1


def test_a_folder_that_cannot_be_made_is_a_failure(run: Run, trained: Path, table: Path) -> None:
    said = run("evaluate", trained, table, "--out", "/proc/absent")
    assert said.code == 1
    assert "/proc/absent: cannot be made" in said.error
