from __future__ import annotations

import csv
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.data.lines import Fault, Line
from vartai.data.records import Record, RecordReader
from vartai.data.rejects import Rejection


def read(
    text: str, *, delimiter: str = ",", max_characters: int = 1_000
) -> list[Record | Rejection]:
    lines = [
        Line(number, line.removesuffix("\n").removesuffix("\r"), end_of(line), None)
        for number, line in enumerate(io.StringIO(text, newline="\n"), start=1)
    ]
    return list(
        RecordReader(lines, file="a.csv", delimiter=delimiter, max_characters=max_characters)
    )


def end_of(line: str) -> str:
    return "\r\n" if line.endswith("\r\n") else "\n" if line.endswith("\n") else ""


def outline(items: list[Record | Rejection]) -> list[tuple[int, list[str] | str]]:
    return [(item.line, item.fields if isinstance(item, Record) else item.reason) for item in items]


FIELDS = st.text(st.sampled_from('ab",;\n\t é'), max_size=8)
RECORDS = st.lists(
    st.lists(FIELDS, min_size=1, max_size=4).filter(lambda record: record != [""]), max_size=6
)


@given(records=RECORDS, delimiter=st.sampled_from(",;\t"), quoting=st.sampled_from([0, 1]))
def test_what_the_csv_module_writes_is_read_back(
    records: list[list[str]], delimiter: str, quoting: int
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(records)
    items = read(text.getvalue(), delimiter=delimiter)
    assert [item.fields for item in items if isinstance(item, Record)] == records


@given(text=st.text(st.sampled_from('a",\n'), max_size=40))
def test_no_line_is_lost_whatever_the_quotes(text: str) -> None:
    items = read(text)
    starts = [item.line for item in items]
    assert starts == sorted(set(starts))
    covered = 0
    for item in items:
        assert item.line == covered + 1
        covered += max(1, len(item.raw.splitlines())) if isinstance(item, Record) else 1
    assert covered == len(text.splitlines())


def test_a_record_over_several_lines_has_the_line_of_its_beginning() -> None:
    items = read('1,"a\r\n\r\nb"\r\n2,c\r\n')
    assert outline(items) == [(1, ["1", "a\r\n\r\nb"]), (4, ["2", "c"])]


@pytest.mark.parametrize("limit", [1_000, 20])
def test_a_quote_that_never_closes_costs_one_line(limit: int) -> None:
    text = 'good,1\n"stray,0\n' + "fine,1\n" * 10
    items = read(text, max_characters=limit)
    assert outline(items)[:3] == [(1, ["good", "1"]), (2, "broken quoting"), (3, ["fine", "1"])]
    assert len(items) == 12
    rejection = items[1]
    assert isinstance(rejection, Rejection)
    assert "expected a quote that closes field 1, opened on this line" in rejection.detail
    assert "reading goes on with line 3" in rejection.detail


def test_a_stray_quote_before_quoted_fields_costs_one_line() -> None:
    items = read('"stray,0\n"fine, really",1\n')
    assert outline(items) == [(1, "broken quoting"), (2, ["fine, really", "1"])]


def test_text_after_a_closing_quote_is_not_glued_on() -> None:
    items = read('"so "called" films",1\nfine,0\n')
    assert outline(items) == [(1, "broken quoting"), (2, ["fine", "0"])]
    assert isinstance(items[0], Rejection)
    assert "after the closing quote of field 1, found 'called" in items[0].detail


def test_the_tail_of_a_broken_record_does_not_pass_for_a_row() -> None:
    items = read('fine,0\n"first "inner" line\nmiddle\nlast",1\nfine,1\n5" disk,1\n')
    assert outline(items) == [
        (1, ["fine", "0"]),
        (2, "broken quoting"),
        (3, ["middle"]),  # one field too few: the table rejects it
        (4, "broken quoting"),
        (5, ["fine", "1"]),
        (6, ['5" disk', "1"]),
    ]


def test_a_faulty_line_inside_quotes_rejects_the_whole_record() -> None:
    fault = Fault("undecodable byte", "byte 0")
    lines = [
        Line(1, '"a', "\n", None),
        Line(2, r"\xff", "\n", fault),
        Line(3, 'b",1', "\n", None),
        Line(4, "c,0", "\n", None),
    ]
    items = list(RecordReader(lines, file="a", delimiter=",", max_characters=100))
    assert outline(items) == [(2, "undecodable byte"), (4, ["c", "0"])]


def test_a_blank_line_between_records_is_counted() -> None:
    assert outline(read("a,1\n\nb,0\n"))[1] == (2, "blank line")


def test_quotes_on_every_line_take_linear_time() -> None:
    text = '"' + 'he said ""so""\n' * 60_000 + '",1\n'
    start = time.process_time()
    items = read(text, max_characters=10_000_000)
    assert len(items) == 1
    assert time.process_time() - start < 5
