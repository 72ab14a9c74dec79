"""Words that come ready cut, as ids."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.errors import OptionError
from vartai.text.cutting import cut_words
from vartai.text.given import GivenWords, count_given_words, load_given_words

SENTENCES = [["Namas", "namas", "upė"], ["upė", "Ūla", "namas"]]


def count(**changes: object) -> GivenWords:
    options = {
        "lowercase": True,
        "max_characters": 20,
        "vocabulary_size": 100,
        "min_frequency": 2,
    }
    return count_given_words(SENTENCES, [["N", "N", "P"]], **{**options, **changes})


def test_the_commonest_words_come_first_and_case_is_folded() -> None:
    words = count()
    assert words.words == ("namas", "upė")
    assert words.rare == ("ūla",)
    assert words.word_ids(["NAMAS", "upė", "Ūla", "nauja"]).tolist() == [2, 3, 1, 1]
    assert words.column_ids(0, ["P", "N", "X"]).tolist() == [3, 2, 1]
    assert count(lowercase=False).words == ("namas", "upė")
    assert count(lowercase=False, min_frequency=1).words == ("namas", "upė", "Namas", "Ūla")


def test_what_has_no_id_has_still_been_seen() -> None:
    words = count(vocabulary_size=3)
    assert words.words == ("namas",)
    assert [words.has_seen(word) for word in ("Namas", "upė", "ūla", "nauja")] == [
        True,
        True,
        True,
        False,
    ]


def test_a_decomposed_word_is_the_composed_one() -> None:
    words = count()
    assert words.word_ids(["upe\u0307"]) == words.word_ids(["upė"])
    one, other = words.character_ids(["upe\u0307", "upė"])
    assert np.array_equal(one, other)


def test_characters_keep_their_case_and_long_words_lose_their_middle() -> None:
    words = count(max_characters=4)
    big, small, long = words.character_ids(["Namas", "namas", "namasnamas"])
    assert big[0] != small[0]
    assert len(long) == 4
    assert (long[0], long[-1]) == (small[0], small[-1])


def test_a_vocabulary_without_room_is_refused() -> None:
    with pytest.raises(OptionError, match="vocabulary_size must be above 2, was 2"):
        count(vocabulary_size=2)


def test_extended_vocabularies_keep_every_id() -> None:
    words = count()
    more = count_given_words(
        [["ūla", "žuvis", "žuvis"]],
        [["V"]],
        lowercase=True,
        max_characters=20,
        vocabulary_size=100,
        min_frequency=1,
    )
    both = words.extended(more)
    assert both.words == ("namas", "upė", "žuvis", "ūla")
    assert both.rare == ()
    assert both.characters.startswith(words.characters)
    assert both.columns == (("N", "P", "V"),)
    with pytest.raises(OptionError, match="cannot be extended by one with lowercase=False"):
        words.extended(count(lowercase=False))


@given(st.lists(st.lists(st.text(min_size=1, max_size=5), min_size=1), min_size=1, max_size=5))
def test_vocabularies_of_any_words_survive_being_saved(sentences: list[list[str]]) -> None:
    clean = [
        [word.encode("utf-8", "replace").decode() for word in sentence] for sentence in sentences
    ]
    words = count_given_words(
        clean, [], lowercase=True, max_characters=9, vocabulary_size=50, min_frequency=1
    )
    again = load_given_words(words.to_json())
    flat = [word for sentence in clean for word in sentence]
    assert np.array_equal(again.word_ids(flat), words.word_ids(flat))
    assert all(ids.min() >= 1 for ids in words.character_ids(flat))


@given(st.text(max_size=60))
def test_cutting_loses_nothing_but_white_space(text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    pieces = cut_words(clean)
    place = 0
    for piece in pieces:
        found = clean.index(piece, place)
        assert not clean[place:found].strip()
        place = found + len(piece)
    assert not clean[place:].strip()
