"""Minimal pairs: the committed sheet, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from vartai.data.pairs import read_pairs
from vartai.errors import InputError

SHEET = Path(__file__).parents[2] / "benchmarks" / "negation_pairs_en.tsv"
HEADER = "text\tlabel\tother_text\tother_label\n"


def test_the_sheet_holds_many_pairs_of_the_same_words_and_opposite_labels() -> None:
    pairs = read_pairs(SHEET)
    assert len(pairs) >= 120
    for pair in pairs:
        assert sorted(pair.text.split()) == sorted(pair.other_text.split())
        assert (pair.label, pair.other_label) == ("1", "0")


def test_no_text_of_the_sheet_occurs_twice() -> None:
    texts = [text for pair in read_pairs(SHEET) for text in (pair.text, pair.other_text)]
    assert len(texts) == len(set(texts))


def test_the_sheet_is_written_like_the_sentences_it_is_meant_for() -> None:
    for pair in read_pairs(SHEET):
        for text in (pair.text, pair.other_text):
            assert text == text.lower() == " ".join(text.split())


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("good\t1\tbad\t0\n", "line 2: .*same words in both texts, found bad, good in one alone"),
        ("so so good\t1\tso good good\t0\n", "line 2: .*found one word more often in one"),
        ("a b\t1\tb a\t0\nc d\t1\td c\t1\n", "line 3: expected two labels, found '1' twice"),
        ("a b\t1\tb a\n", "line 2: expected 4 fields, found 3"),
        ("a b\t \tb a\t0\n", "line 2, column 'label': expected text, found none"),
        ("a b\t1\tb a\t0\n\na b\t1\tb a\t0\n", "line 3: expected 4 fields, found 1"),
        ("", "holds no pair"),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, rows: str, message: str) -> None:
    file = tmp_path / "pairs.tsv"
    file.write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_pairs(file)


def test_another_header_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pairs.tsv"
    file.write_text("a b\t1\tb a\t0\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 1: expected the columns text, label"):
        read_pairs(file)


def test_an_undecodable_byte_is_named_by_line_and_offset(tmp_path: Path) -> None:
    file = tmp_path / "pairs.tsv"
    file.write_bytes(HEADER.encode() + b"ab\xff\t1\tb a\t0\n")
    with pytest.raises(InputError, match="line 2, byte 2: expected UTF-8, found byte 0xff"):
        read_pairs(file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_pairs(tmp_path / "nowhere.tsv")
