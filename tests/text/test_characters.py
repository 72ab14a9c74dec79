"""One code point is one token, whatever it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.errors import OptionError
from vartai.text.characters import CharacterTokenizer, train_characters
from vartai.text.options import TextOptions

CHAR = TextOptions(min_frequency=1, unit="char")
texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(texts)
def test_the_tokens_spell_the_text(text: str) -> None:
    tokenizer = train_characters([text], CHAR)
    tokenized = tokenizer.encode([text])[0]
    assert "".join(tokenizer.tokens(tokenized.ids)) == text
    assert [text[start:end] for start, end in tokenized.offsets.tolist()] == list(text)


@given(st.lists(texts))
def test_the_commonest_come_first_and_ties_go_by_code_point(many: list[str]) -> None:
    joined = "".join(many)
    expected = sorted(set(joined), key=lambda c: (-joined.count(c), c))
    assert list(train_characters(many, CHAR).vocabulary[2:]) == expected


def test_case_and_marks_are_kept() -> None:
    tokenizer = train_characters(["Ėe\u0307"], CHAR)
    assert sorted(tokenizer.vocabulary[2:]) == sorted(["Ė", "e", "\u0307"])


def test_characters_below_between_and_above_the_known_are_unknown() -> None:
    tokenizer = CharacterTokenizer("bd", max_tokens=10)
    assert tokenizer.encode_ids(["abcde\x00\U0010ffff"])[0].tolist() == [1, 2, 1, 3, 1, 1, 1]
    assert CharacterTokenizer("", max_tokens=10).encode_ids(["a\x00"])[0].tolist() == [1, 1]


def test_the_vocabulary_has_limits() -> None:
    limited = TextOptions(min_frequency=1, unit="char", vocabulary_size=3)
    assert train_characters(["abbccc"], limited).vocabulary[2:] == ("c",)
    frequent = TextOptions(unit="char", min_frequency=2)
    assert train_characters(["abb", "ccc"], frequent).vocabulary[2:] == ("c", "b")


def test_extending_keeps_ids_and_appends_the_commonest_new_characters() -> None:
    tokenizer = train_characters(["ba"], CHAR).extended(["čaš", "š"], CHAR)
    assert tokenizer.vocabulary[2:] == ("a", "b", "š", "č")
    with pytest.raises(OptionError, match="characters cannot be extended with unit=word"):
        tokenizer.extended([], TextOptions(min_frequency=1))


def test_a_million_characters_are_one_table_look_up() -> None:
    text = "gerasė😂" * 150_000
    tokenizer = train_characters(
        [text], TextOptions(min_frequency=1, unit="char", max_tokens=2_000_000)
    )
    ids = tokenizer.encode_ids([text])[0]
    assert ids.dtype == np.int64
    assert len(ids) == len(text)
