"""Values of stretches on tokens: who carries them, and what does not fit."""

from __future__ import annotations

import numpy as np
import pytest

from vartai.errors import OptionError
from vartai.inspect.cut import Token
from vartai.inspect.flags.align import TokenLabels, align, carried, select
from vartai.inspect.flags.spans import LabelledText, Span


def _tokens(text: str, *bounds: tuple[int, int]) -> list[Token]:
    return [Token(text[start:end], start, end) for start, end in bounds]


def _named(labels: TokenLabels) -> list[str | None]:
    return [None if code < 0 else labels.values[code] for code in labels.codes.tolist()]


_TEXT = "Alisa ir Tomas"
_WORDS = LabelledText(_TEXT, (Span(0, 5, "Fem"), Span(9, 14, "Masc")), 1)
_CHARACTERS = _tokens(_TEXT, *((place, place + 1) for place in range(len(_TEXT))))


def test_the_last_token_of_a_word_carries_its_value_unless_another_is_asked_for() -> None:
    def where(carrier: str) -> dict[int, str | None]:
        named = _named(align([_WORDS], [_CHARACTERS], carrier=carrier))
        return {place: value for place, value in enumerate(named) if value}

    assert where("last") == {4: "Fem", 13: "Masc"}
    assert where("first") == {0: "Fem", 9: "Masc"}
    assert where("every") == dict.fromkeys(range(5), "Fem") | dict.fromkeys(range(9, 14), "Masc")
    with pytest.raises(OptionError, match="unknown carrier 'middle'; known: every, first, last"):
        where("middle")


def test_what_does_not_fit_is_counted_and_named_and_has_no_value() -> None:
    text = "labas rytas"
    labelled = LabelledText(
        text, (Span(0, 3, "A"), Span(0, 5, "B"), Span(0, 11, "C"), Span(6, 11, "A")), 7
    )
    found = align([labelled], [_tokens(text, (0, 5))])
    assert found.trouble.counts == {
        "cuts a token": 1,
        "a token with two values": 1,
        "no token there": 1,
    }
    assert _named(found) == [None]
    assert "line 7: cuts a token: 'lab'" in found.trouble.first
    assert found.trouble.sentences()[0].startswith("not used: 1 × ")


def test_the_same_value_twice_is_no_conflict() -> None:
    text = "labas"
    found = align([LabelledText(text, (Span(0, 5, "A"),) * 2, 1)], [_tokens(text, (0, 5))])
    assert (_named(found), dict(found.trouble.counts)) == (["A"], {})


def test_a_blank_that_a_token_begins_with_is_not_part_of_it() -> None:
    text = "a bc"
    found = align([LabelledText(text, (Span(2, 4, "A"),), 1)], [_tokens(text, (0, 1), (1, 4))])
    assert _named(found) == [None, "A"]


def test_tokens_in_no_stretch_have_the_value_for_outside_but_a_border_has_none() -> None:
    text = "a b"
    found = align(
        [LabelledText(text, (Span(2, 3, "inside"),), 1)],
        [_tokens(text, (0, 0), (0, 1), (2, 3))],
        carrier="every",
        outside="outside",
    )
    assert _named(found) == [None, "outside", "inside"]
    assert found.counts() == {"inside": 1, "outside": 1}


def test_a_value_is_carried_to_what_follows_it_but_not_past_another_word_or_text() -> None:
    after = LabelledText("ir", (), 2)
    labels = align([_WORDS, after], [_CHARACTERS, _tokens("ir", (0, 1), (1, 2))])
    found = carried(labels)
    assert _named(found) == [None] * 5 + ["Fem"] * 4 + [None] * 7
    assert (found.words[5:9] == labels.words[4]).all()
    assert _named(carried(labels, most=2)) == [None] * 5 + ["Fem"] * 2 + [None] * 9
    with pytest.raises(OptionError, match="carried must be at least 1, was 0"):
        carried(labels, most=0)


def test_equal_words_are_one_word_whatever_their_case() -> None:
    text = "Rytas rytas labas"
    spans = (Span(0, 5, "A"), Span(6, 11, "B"), Span(12, 17, "A"))
    found = align([LabelledText(text, spans, 1)], [_tokens(text, (0, 5), (6, 11), (12, 17))])
    assert found.words[0] == found.words[1] != found.words[2]


def test_values_can_be_left_out_if_there_are_such() -> None:
    labels = align([_WORDS], [_CHARACTERS])
    left = select(labels, without=("Masc",))
    assert np.flatnonzero(left.codes >= 0).tolist() == [4]
    with pytest.raises(OptionError, match="unknown value 'Neut'; known: Fem, Masc"):
        select(labels, without=("Neut",))
