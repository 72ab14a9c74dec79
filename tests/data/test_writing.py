"""Records into files: read back as they were, and never half a file under the name."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vartai.data.writing import open_records, require_format
from vartai.errors import OptionError, SaveError

SCHEMA = pa.schema([("text", pa.string()), ("shares", pa.struct([("a", pa.float64())]))])
RECORDS = [{"text": 'a, "b"\nš', "shares": {"a": 0.5}}, {"text": None, "shares": None}]


def test_json_lines_are_read_back(tmp_path: Path) -> None:
    with open_records(tmp_path / "out.jsonl", SCHEMA) as writer:
        writer.write(RECORDS)
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == RECORDS


def test_csv_holds_structures_as_json(tmp_path: Path) -> None:
    with open_records(tmp_path / "out.csv", SCHEMA) as writer:
        writer.write(RECORDS)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["text", "shares"], ['a, "b"\nš', '{"a": 0.5}'], ["", ""]]


def test_parquet_grows_by_row_groups(tmp_path: Path) -> None:
    with open_records(tmp_path / "out.parquet", SCHEMA) as writer:
        writer.write(RECORDS)
        writer.write(RECORDS[:1])
    file = pq.ParquetFile(tmp_path / "out.parquet")
    assert file.num_row_groups == 2
    assert file.read().to_pylist() == [*RECORDS, RECORDS[0]]


def _fail_midway(path: Path) -> None:
    with open_records(path, SCHEMA) as writer:
        writer.write(RECORDS)
        raise RuntimeError("midway")


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.parquet"])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("old")
    with pytest.raises(RuntimeError, match="midway"):
        _fail_midway(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "old"


def test_an_unknown_ending_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"\.jsonl, \.ndjson, \.csv, .* found '\.xlsx'"):
        require_format(tmp_path / "out.xlsx")


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(SaveError, match=r"absent/out\.csv: could not be written"),
        open_records(tmp_path / "absent" / "out.csv", SCHEMA),
    ):
        pass
