from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vartai.data.examples import read_examples
from vartai.data.options import TableOptions
from vartai.data.tables import open_table
from vartai.errors import InputError

Write = Callable[[str, str | bytes], str]


def packed(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def test_integer_labels_become_digits_and_nulls_are_rejected(write_file: Write) -> None:
    table = pa.table(
        {
            "text": ["good", None, "bad", "so", "NA"],
            "label": pa.array([1, 0, 0, None, 7], pa.int64()),
            "noise": [1.5, 2.5, 3.5, 4.5, 5.5],
        }
    )
    path = write_file("a.parquet", packed(table))
    examples, rejects, _ = read_examples(path, TableOptions(), fix_text=False, need_label=True)
    assert examples.texts == ["good", "bad", "NA"]
    assert examples.labels == [("1",), ("0",), ("7",)]
    assert examples.lines == [1, 3, 5]
    assert [(item.line, item.column, item.reason) for item in rejects] == [
        (2, "text", "missing text"),
        (4, "label", "missing label"),
    ]


def test_float_labels_and_categories(write_file: Write) -> None:
    table = pa.table(
        {
            "text": ["a b", "c d"],
            "label": pa.array([1.0, 2.0]),
            "class": pa.array(["x", "y"]).dictionary_encode(),
        }
    )
    path = write_file("a.parquet", packed(table))
    options = TableOptions(text=("text",), label="label")
    _, rejects, _ = read_examples(path, options, fix_text=False, need_label=True)
    assert rejects.counts() == {"not text": 2}
    assert "found float 1.0" in rejects.first[0].detail
    options = TableOptions(text=("text",), label="class")
    examples, _, _ = read_examples(path, options, fix_text=False, need_label=True)
    assert examples.labels == [("x",), ("y",)]


def test_text_that_is_not_utf8_is_a_rejection(write_file: Write) -> None:
    array = pa.Array.from_buffers(
        pa.string(),
        2,
        [
            None,
            pa.py_buffer(b"\x00\x00\x00\x00\x02\x00\x00\x00\x04\x00\x00\x00"),
            pa.py_buffer(b"ok\xff\xfe"),
        ],
    )
    path = write_file("a.parquet", packed(pa.table({"text": array, "label": ["1", "0"]})))
    examples, rejects, _ = read_examples(path, TableOptions(), fix_text=False, need_label=True)
    assert examples.texts == ["ok"]
    assert [(item.line, item.reason) for item in rejects] == [(2, "not text")]


def test_a_compressed_parquet_is_read_through_a_copy(write_file: Write) -> None:
    table = pa.table({"text": ["a", "b"], "label": ["1", "0"]})
    path = write_file("a.parquet.gz", gzip.compress(packed(table)))
    examples, _, _ = read_examples(path, TableOptions(), fix_text=False, need_label=True)
    assert examples.texts == ["a", "b"]


def test_damaged_and_empty_files_are_refused(write_file: Write, tmp_path: Path) -> None:
    content = packed(pa.table({"text": ["a"] * 1000}))
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        open_table(write_file("cut.parquet", content[:-50]), TableOptions())
    empty = packed(pa.table({"text": pa.array([], pa.string())}))
    with pytest.raises(InputError, match="expected rows, found none"):
        open_table(write_file("empty.parquet", empty), TableOptions())
    twice = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    with pytest.raises(InputError, match="two columns are called 'text'"):
        open_table(write_file("twice.parquet", packed(twice)), TableOptions())
