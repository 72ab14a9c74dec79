from __future__ import annotations

import gzip
import io
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from vartai.data.options import TableOptions
from vartai.data.rejects import Rejection
from vartai.data.tables import Row, Table, open_table
from vartai.errors import InputError, OptionError

Write = Callable[[str, str | bytes], str]
REVIEWS = "review,stars\ngood film,5\nbad film,1\nso so,3\nnever again,1\n"


def rows_of(path: str, options: TableOptions | None = None) -> list[dict[str, object]]:
    with open_table(path, options or TableOptions()) as table:
        return [dict(item.fields) for item in table.rows() if isinstance(item, Row)]


def rejections_of(path: str, options: TableOptions | None = None) -> list[Rejection]:
    with open_table(path, options or TableOptions()) as table:
        return [item for item in table.rows() if isinstance(item, Rejection)]


@pytest.mark.parametrize(
    ("name", "content", "format_"),
    [
        ("a.csv", "x,y\n", "csv"),
        ("a.CSV.GZ", gzip.compress(b"x,y\n", mtime=0), "csv"),
        ("a.tab", "x\ty\n", "tsv"),
        ("a.ndjson", '{"x": 1}\n', "jsonl"),
        ("a.txt", '{"x": 1}\n', "jsonl"),
        ("a.txt", "x\ty\nz\tw\n", "tsv"),
        ("a.data", "x;y\nz;w\n", "csv"),
        ("a.txt", "1 how\n2 why\n" * 10, "label-first"),
        ("a.txt", "To be\nor not to be\n", "lines"),
        ("a", "word\n", "lines"),
    ],
)
def test_the_format_is_told_by_name_or_first_lines(
    write_file: Write, name: str, content: str | bytes, format_: str
) -> None:
    with open_table(write_file(name, content), TableOptions()) as table:
        assert table.format == format_
        guessed = [note for note in table.notes if "guessed from the first lines" in note]
        assert bool(guessed) == (Path(name).suffix in (".txt", ".data", ""))


def test_nothing_is_converted(write_file: Write) -> None:
    content = 'text,label\nNA,007\n null ,1.10\n,\n"",+1\n'
    assert rows_of(write_file("a.csv", content)) == [
        {"text": "NA", "label": "007"},
        {"text": " null ", "label": "1.10"},
        {"text": "", "label": ""},
        {"text": "", "label": "+1"},
    ]


def test_lines_are_physical_and_true_after_quoted_line_ends(write_file: Write) -> None:
    content = 'text,label\r\n"two\r\nlines",1\r\n"a ""quote""",0\r\nthree,fields,1\r\n'
    with open_table(write_file("a.csv", content), TableOptions()) as table:
        items = list(table.rows())
    assert [item.line for item in items] == [2, 4, 5]
    assert isinstance(items[0], Row)
    assert items[0].fields["text"] == "two\r\nlines"
    assert isinstance(items[2], Rejection)
    assert (items[2].reason, items[2].detail) == ("wrong number of fields", "expected 2, found 3")
    assert items[2].raw == "three,fields,1"


def test_a_tsv_keeps_double_quotes_and_says_so(write_file: Write) -> None:
    path = write_file("a.tsv", '"so" he said\t1\n"whole"\t0\n"never closed\t1\n')
    with open_table(path, TableOptions(header=False)) as table:
        texts = [item.fields["1"] for item in table.rows() if isinstance(item, Row)]
        assert any("stand in double quotes" in note for note in table.notes)
    assert texts == ['"so" he said', '"whole"', '"never closed']
    quoted = TableOptions(format="csv", delimiter="\t", header=False)
    assert rows_of(write_file("b.tsv", '"a\tb"\t0\n'), quoted) == [{"1": "a\tb", "2": "0"}]


def test_columns_without_header_are_numbered(write_file: Write) -> None:
    path = write_file("a.csv", REVIEWS)
    with open_table(path, TableOptions(header=False)) as table:
        assert table.columns == ("1", "2")
    with open_table(path, TableOptions()) as table:
        assert table.columns == ("review", "stars")
        assert table.notes == ["The first row is read as the names of the columns (guessed)."]
    with open_table(path, TableOptions(header=True)) as table:
        assert table.notes == []


def test_a_nameless_first_column_is_called_by_its_number(write_file: Write) -> None:
    path = write_file("a.csv", ",text,label\n0,good,1\n1,bad,0\n")
    with open_table(path, TableOptions()) as table:
        assert table.columns == ("1", "text", "label")


def test_two_columns_of_one_name_are_refused(write_file: Write) -> None:
    path = write_file("a.csv", "text,text\na,b\n")
    with pytest.raises(InputError, match="expected column names that differ, found 'text' more"):
        open_table(path, TableOptions(header=True))


def test_marks_and_encodings(write_file: Write) -> None:
    content = "text,label\nžodis,1\n"
    for encoding in ("utf-8-sig", "utf-16", "cp1257"):
        path = write_file(f"{encoding}.csv", content.encode(encoding))
        assert rows_of(path, TableOptions(encoding=encoding)) == [{"text": "žodis", "label": "1"}]
    path = write_file("wide.csv", content.encode("utf-16"))
    with pytest.raises(InputError, match=r"wide\.csv: expected utf-8, .*give encoding utf-16"):
        open_table(path, TableOptions())
    with pytest.raises(OptionError, match="unknown encoding 'utf-9'"):
        open_table(path, TableOptions(encoding="utf-9"))


def test_an_undecodable_byte_is_a_rejection_with_line_and_offset(write_file: Write) -> None:
    path = write_file("a.csv", b"text,label\ngood,1\nb\xe0d,0\n")
    (rejection,) = rejections_of(path)
    assert (rejection.line, rejection.reason) == (3, "undecodable byte")
    assert "byte 1 of the line, 19 of the file" in rejection.detail
    assert rejection.raw == r"b\xe0d,0"


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.csv", "", "the file is empty"),
        ("a.csv", "\n\n", "expected rows, found none"),
        ("a.tsv", b"\xff\n", "found none that can be read; first trouble: .*undecodable byte"),
        ("a.jsonl", "[\n{}\n]\n", "found the beginning of an array"),
        ("a.jsonl", "text,label\n", "found none that can be read; first trouble: .*not a JSON"),
        ("a.parquet", "text,label\n", "expected a Parquet file.*found bytes 74 65 78 74"),
        ("a.csv", b"PK\x03\x04....", "an Excel workbook; save the table as CSV"),
    ],
)
def test_a_file_that_is_not_a_table_is_refused(
    write_file: Write, name: str, content: str | bytes, problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        open_table(write_file(name, content), TableOptions())


def test_a_truncated_file_is_an_error_while_reading(write_file: Write) -> None:
    body = "".join(f"text {n * 7919},{n % 2}\n" for n in range(40_000)).encode()
    packed = gzip.compress(b"text,label\n" + body)
    with (
        pytest.raises(InputError, match="cut short"),
        open_table(write_file("a.csv.gz", packed[:-1000]), TableOptions()) as table,
    ):
        list(table.rows())


def test_standard_input_is_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(REVIEWS.encode())))
    assert len(rows_of("-")) == 4


def test_the_rows_are_read_once(write_file: Write) -> None:
    with open_table(write_file("a.csv", REVIEWS), TableOptions()) as table:
        assert len(list(table.rows())) == 4
        with pytest.raises(ValueError, match="read already; open the table again"):
            table.rows()


def test_a_long_table_is_read_in_constant_memory(write_file: Write) -> None:
    path = write_file("a.csv", "text,label\n" + '"some, words",1\n' * 80_000)

    def peak(table: Table) -> int:
        tracemalloc.start()
        count = sum(1 for _ in table.rows())
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == 80_000
        return top

    with open_table(path, TableOptions()) as table:
        assert peak(table) < 8_000_000
