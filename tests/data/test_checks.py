from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.data.checks import FieldError, read_labels, read_text
from vartai.data.columns import Columns
from vartai.data.options import TableOptions
from vartai.data.rows import Row

ONE = Columns(("text",), "label", ())
TWO = Columns(("title", "text"), "label", ())
OPTIONS = TableOptions(max_characters=100)


@given(text=st.text(min_size=1, max_size=100).filter(lambda t: t.strip() and "\0" not in t))
def test_text_is_taken_exactly_as_it_stands(text: str) -> None:
    assert read_text(Row(1, {"text": text}), ONE, OPTIONS) == text


def test_emoji_and_combining_marks_are_text() -> None:
    text = "👩‍👩‍👧 šauku e\u0307\u0301! 🇱🇹"
    assert read_text(Row(1, {"text": text}), ONE, OPTIONS) == text


def test_several_columns_are_joined_by_a_blank_line_leaving_blank_ones_out() -> None:
    assert read_text(Row(1, {"title": "A", "text": "b"}), TWO, OPTIONS) == "A\n\nb"
    assert read_text(Row(1, {"title": None, "text": "b"}), TWO, OPTIONS) == "b"
    assert read_text(Row(1, {"title": "A", "text": "  "}), TWO, OPTIONS) == "A"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "empty text"),
        (" \u00a0\t", "empty text"),
        (None, "missing text"),
        (1.5, "not text"),
        (["a"], "not text"),
        (b"a", "not text"),
        ("a\0b", "NUL character"),
        ("a\ud83d", "lone surrogate"),
        ("x" * 101, "text too long"),
    ],
)
def test_a_value_that_is_no_text_is_refused(value: object, reason: str) -> None:
    with pytest.raises(FieldError) as caught:
        read_text(Row(1, {"text": value}), ONE, OPTIONS)
    assert (caught.value.fault.reason, caught.value.column) == (reason, "text")


@pytest.mark.parametrize(
    ("value", "label"), [("pos", "pos"), (" 007", " 007"), (7, "7"), (-1, "-1"), (True, "true")]
)
def test_a_label_is_taken_as_it_stands(value: object, label: str) -> None:
    assert read_labels(Row(1, {"label": value}), "label", OPTIONS) == (label,)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "missing label"),
        (" ", "missing label"),
        (None, "missing label"),
        (1.0, "not text"),
        ({"a": 1}, "not text"),
        ("a\0", "NUL character"),
    ],
)
def test_a_value_that_is_no_label_is_refused(value: object, reason: str) -> None:
    with pytest.raises(FieldError) as caught:
        read_labels(Row(1, {"label": value}), "label", OPTIONS)
    assert caught.value.fault.reason == reason


def test_an_absent_key_is_a_missing_label() -> None:
    with pytest.raises(FieldError, match="expected a label, found no such key"):
        read_labels(Row(1, {}), "label", OPTIONS)


def test_a_separator_cuts_a_field_into_labels() -> None:
    options = TableOptions(label_separator=";")
    assert read_labels(Row(1, {"label": "a; b;a"}), "label", options) == ("a", "b")
    assert read_labels(Row(1, {"label": "a"}), "label", options) == ("a",)
    with pytest.raises(FieldError, match="found 'a;;b'"):
        read_labels(Row(1, {"label": "a;;b"}), "label", options)
