"""`vartai predict`: every row has its prediction, in its place, whatever goes in and out."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.cli.commands import SMALL, Run, finish, make_rows, start, write_csv


def test_arguments_come_out_as_json_lines(run: Run, trained: Path) -> None:
    said = run("predict", trained, "good thing", "bad thing")
    first, second = map(json.loads, said.out.splitlines())
    assert (first["text"], second["text"]) == ("good thing", "bad thing")
    assert set(first["probabilities"]) == {"neg", "pos"}
    assert sum(first["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    assert first["label"] == max(first["probabilities"], key=first["probabilities"].__getitem__)
    assert (said.code, said.err) == (0, "")


def test_a_text_without_a_known_token_is_marked_and_counted(run: Run, trained: Path) -> None:
    said = run("predict", trained, "qwx zvb", "good thing")
    assert [json.loads(line)["unknown"] for line in said.out.splitlines()] == [True, False]
    assert "1 of 2 texts hold no token that the model knows" in said.err


def test_lines_of_standard_input_keep_their_places(trained: Path) -> None:
    said = finish(start("predict", trained, stdin=-1), "good thing\n\nbad, \u0161\U0001f600\n")
    assert said.code == 0
    records = [json.loads(line) for line in said.out.splitlines()]
    assert [record["line"] for record in records] == [1, 2, 3]
    assert (records[1]["label"], records[1]["text"]) == (None, None)
    assert records[1]["error"].startswith("blank line")
    assert records[2]["text"] == "bad, \u0161\U0001f600"
    assert "1 of 3 rows could not be read" in said.err


@pytest.mark.parametrize("ending", ["jsonl", "csv", "tsv", "parquet"])
def test_a_table_comes_out_in_order_in_any_format(
    run: Run, trained: Path, tmp_path: Path, ending: str
) -> None:
    rows = make_rows(1200)
    rows[700] = ("", "pos")
    output = tmp_path / f"out.{ending}"
    file = write_csv(tmp_path / "rows.csv", rows)
    said = run("predict", trained, "--input", file, "--output", output)
    assert (said.code, said.out) == (0, "")
    records = _read(output)
    assert [record["text"] for record in records] == [text or None for text, _ in rows]
    assert [place for place, record in enumerate(records) if record["error"]] == [700]
    assert records[700]["label"] is None
    assert [record["line"] for record in records] == list(range(2, 1202))
    assert "1 of 1,200 rows could not be read" in said.err


def _read(path: Path) -> list[dict[str, object]]:
    if path.suffix == ".parquet":
        records: list[dict[str, object]] = pq.read_table(path).to_pylist()
        return records
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    delimiter = "," if path.suffix == ".csv" else "\t"
    lines = csv.DictReader(text.splitlines(), delimiter=delimiter)
    return [
        {name: value or None for name, value in line.items()} | {"line": int(line["line"])}
        for line in lines
    ]


def test_json_is_one_object_of_all_predictions(run: Run, trained: Path) -> None:
    answer = run("predict", trained, "good thing", "bad thing", "--json").answer
    assert [record["line"] for record in answer["predictions"]] == [1, 2]
    assert (answer["rows"], answer["rejected"], answer["unknown"]) == (2, 0, 0)


def test_json_beside_a_file_is_a_summary(run: Run, trained: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    answer = run("predict", trained, "good", "--output", output, "--json").answer
    assert answer == {"output": str(output), "rows": 1, "rejected": 0, "unknown": 0}


def test_a_table_needs_no_labels_even_if_training_named_them(
    run: Run, table: Path, tmp_path: Path
) -> None:
    out = tmp_path / "model"
    named = ["--text", "text", "--label", "label"]
    assert run("train", "classify", table, *named, "--out", out, *SMALL).code == 0
    (tmp_path / "rows.csv").write_text("id,text\n1,good thing\n2,bad thing\n")
    said = run("predict", out, "--input", tmp_path / "rows.csv")
    assert (said.code, len(said.out.splitlines())) == (0, 2)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        (["good", "--input", "rows.csv"], "expected texts or --input FILE, found both"),
        (["good", "--output", "out.xlsx"], "expected a name that ends in one of .jsonl"),
        (["--input", "absent.csv"], "absent.csv: cannot be opened"),
    ],
)
def test_a_mistake_is_named(run: Run, trained: Path, typed: list[str], problem: str) -> None:
    said = run("predict", trained, *typed)
    assert (said.code, said.out) == (2, "")
    assert problem in said.error


def test_a_text_column_that_is_not_there_is_a_mistake(run: Run, trained: Path, table: Path) -> None:
    said = run("predict", trained, "--input", table, "--text", "review")
    assert said.code == 2
    assert "expected a column 'review', found 'text', 'label'" in said.error


def test_an_output_that_cannot_be_written_is_a_failure(run: Run, trained: Path) -> None:
    said = run("predict", trained, "good", "--output", "/proc/absent/out.jsonl")
    assert said.code == 1
    assert "/proc/absent/out.jsonl: could not be written" in said.error


def test_a_failure_half_way_leaves_the_old_output(run: Run, trained: Path, tmp_path: Path) -> None:
    whole = b"\x1f\x8b"  # claims to be gzip and is cut short
    (tmp_path / "rows.csv.gz").write_bytes(whole)
    output = tmp_path / "out.jsonl"
    output.write_text("old\n")
    said = run("predict", trained, "--input", tmp_path / "rows.csv.gz", "--output", output)
    assert said.code == 2
    assert output.read_text() == "old\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "rows.csv.gz"]
