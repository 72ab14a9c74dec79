from __future__ import annotations

import pytest

from vartai.data.layout import guess_delimiter, has_header
from vartai.data.lines import Line


def lines(*texts: str) -> list[Line]:
    return [Line(number, text, "\n", None) for number, text in enumerate(texts, start=1)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_that_cuts_evenly_is_found(delimiter: str) -> None:
    sample = lines(*(f'"a{delimiter} b, or ;"{delimiter}{n}{delimiter}x' for n in range(9)))
    assert guess_delimiter(sample) == (delimiter, 1.0)


def test_commas_inside_texts_do_not_outweigh_an_even_semicolon() -> None:
    sample = lines("Labas, drauge, labas;1", "Viso gero;0", "Taip, taip;1", "Ne;0")
    assert guess_delimiter(sample) == (";", 1.0)


def test_lines_without_delimiter_have_none() -> None:
    assert guess_delimiter(lines("vienas", "du", "trys")) == (None, 0.0)


BELOW = [["some words here", str(n % 2)] for n in range(20)]


@pytest.mark.parametrize(
    ("first", "wanted", "expected"),
    [
        (["review", "mark"], [], True),  # a usual name
        (["saying", "mark"], [], True),  # words above numbers
        (["another text", "1"], [], False),  # its label comes again below
        (["saying", "mark"], ["saying"], True),  # asked for
        (["another text", "1"], ["1", "2"], False),  # asked for by number
        (["same", "same"], [], False),
        (["x" * 100, "y"], [], False),
    ],
)
def test_a_header_is_told_from_data(first: list[str], wanted: list[str], expected: bool) -> None:
    assert has_header([first, *BELOW], wanted) is expected


def test_a_new_word_above_a_few_that_repeat_is_a_header() -> None:
    below = [[f"text {n} of mine", "pos" if n % 3 else "neg"] for n in range(20)]
    assert has_header([["saying", "mood"], *below], [])
    assert not has_header([["a text of mine", "neg"], *below], [])


def test_one_row_alone_is_data_unless_it_holds_usual_names() -> None:
    assert not has_header([["nice film", "pos"]], [])
    assert has_header([["text", "label"]], [])
