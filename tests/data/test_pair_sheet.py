"""Sheets of minimal pairs: what is read, and what is rejected with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from vartai.data.options import TableOptions
from vartai.data.pair_sheet import TextPair, read_pair_sheet, require_enough_of_sheet
from vartai.errors import InputError

OPTIONS = TableOptions(max_characters=60)


def sheet(tmp_path: Path, text: str, name: str = "pairs.tsv") -> str:
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return str(path)


def test_a_sheet_with_labels_and_kinds_is_read_in_order(tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        "kind\ttext_a\ttext_b\tlabel_a\tlabel_b\n"
        "not\tgood\tnot good\t1\t0\n"
        "so\tgood\tso good\t1\t1\n",
    )
    found, rejects, _ = read_pair_sheet(path, OPTIONS, labels=("0", "1"))
    assert found.pairs == [
        TextPair(2, "not", "good", "not good", "1", "0"),
        TextPair(3, "so", "good", "so good", "1", "1"),
    ]
    assert [pair.should_flip for pair in found.pairs] == [True, False]
    assert found.labelled
    assert len(rejects) == 0


def test_without_labels_it_is_not_known_whether_a_pair_should_flip(tmp_path: Path) -> None:
    path = sheet(tmp_path, '{"text_a": "good", "text_b": "not good"}\n', "pairs.jsonl")
    found, _, _ = read_pair_sheet(path, OPTIONS, labels=("0", "1"))
    assert found.pairs == [TextPair(1, "all", "good", "not good", None, None)]
    assert found.pairs[0].should_flip is None
    assert not found.labelled


def test_the_columns_of_the_older_form_are_read_too(tmp_path: Path) -> None:
    path = sheet(tmp_path, "text\tlabel\tother_text\tother_label\ngood\t1\tnot good\t0\n")
    found, _, _ = read_pair_sheet(path, OPTIONS)
    assert found.pairs == [TextPair(2, "all", "good", "not good", "1", "0")]


def test_messy_rows_are_rejected_each_with_its_reason_and_place(tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        "text_a,text_b,label_a,label_b\n"
        "good,not good,1,0\n"
        "good,,1,0\n"
        "good,not good,1,maybe\n"
        "good,not good,,0\n"
        "good,not good,1\n"
        f"good,{'long ' * 20},1,0\n"
        "g\udcffood,not good,1,0\n"
        "bad,not bad,0,1\n",
        "pairs.csv",
    )
    found, rejects, _ = read_pair_sheet(path, OPTIONS, labels=("0", "1"))
    assert [pair.line for pair in found.pairs] == [2, 9]
    places = [(item.line, item.column, item.reason) for item in rejects]
    assert places == [
        (3, "text_b", "empty text"),
        (4, "label_b", "unknown label"),
        (5, "label_a", "missing label"),
        (6, None, "wrong number of fields"),
        (7, "text_b", "text too long"),
        (8, None, "undecodable byte"),
    ]
    with pytest.raises(InputError, match="expected usable pairs, found 2 of 8"):
        require_enough_of_sheet(found, rejects)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("text_a,other", "expected columns 'text_a' and 'text_b', found 'text_a', 'other'"),
        ("text_a,text_b,label_b", "or neither, found 'label_b' alone"),
    ],
)
def test_a_sheet_without_its_columns_is_refused(tmp_path: Path, header: str, expected: str) -> None:
    path = sheet(tmp_path, f"{header}\n" + ",".join(["good"] * (header.count(",") + 1)), "a.csv")
    with pytest.raises(InputError, match=expected):
        read_pair_sheet(path, OPTIONS)
