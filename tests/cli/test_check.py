"""`vartai check`: everything is said, nothing is trained, and problems come with their fix."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.commands import Run, make_rows, write_csv


def test_a_table_with_rejected_rows_is_told_whole(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_bytes(
        b"text,label\ngood,pos\nbad,neg\n,pos\na,b,c\nnul\0,pos\n\xff,neg\nfine,pos\npoor,neg\n"
    )
    said = run("check", file)
    assert said.code == 0
    for expected in (
        "csv, 4 usable rows",
        "Column 'label' is read as the label (guessed from its name).",
        "4 rows rejected",
        "line 4, column 'text': empty text",
        "line 5: wrong number of fields: expected 2, found 3",
        "line 6, column 'text': NUL character",
        "line 7: undecodable byte: byte 0 of the line",
        "--encoding",
        "--delimiter",
        "seldom better than logistic regression",
    ):
        assert expected in said.out


def test_json_is_the_same_in_one_object(run: Run, table: Path) -> None:
    answer = run("check", table, "--json").answer
    assert answer["rows"] == 100
    assert answer["labels"] == {"pos": 50, "neg": 50}
    assert answer["text_columns"] == ["text"]
    assert any("logistic regression" in sentence for sentence in answer["advice"])


def test_rejects_can_be_filed(run: Run, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "table.csv", [*make_rows(4), ("", "pos")])
    said = run("check", file, "--rejects", tmp_path / "rejects.jsonl")
    assert said.code == 0
    (rejected,) = (tmp_path / "rejects.jsonl").read_text().splitlines()
    assert json.loads(rejected)["line"] == 6


def test_enough_ordinary_text_needs_no_advice(run: Run, tmp_path: Path) -> None:
    file = write_csv(
        tmp_path / "table.csv",
        [(f"{text} and some more of it", lb) for text, lb in make_rows(2000)],
    )
    said = run("check", file)
    assert "Nothing stands against training on it." in said.out


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04\x00\x00", "found a ZIP archive or an Excel workbook"),
    ],
)
def test_what_is_no_table_is_named(run: Run, tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "table.csv"
    file.write_bytes(content)
    said = run("check", file)
    assert said.code == 2
    assert problem in said.error


def test_a_column_that_is_not_there_is_a_mistake(run: Run, table: Path) -> None:
    said = run("check", table, "--label", "lable")
    assert said.code == 2
    assert "found 'text', 'label'. Did you mean 'label'?" in said.error
