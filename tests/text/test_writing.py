"""Ids back to text: exactly for characters and byte pairs, readably for words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.text.options import TextOptions
from vartai.text.tokenizer import Tokenizer, train_spaced, train_tokenizer
from vartai.text.writing import text_writer

SCRIPTS = {
    "Lithuanian": "Žąsų ėjo į šįryt žaliuojančią pievą.\n",
    "Cyrillic": "Съешь же ещё этих мягких французских булок.\n",
    "Arabic": "نص حكيم له سر قاطع وذو شأن عظيم\n",
    "Chinese": "天地玄黃、宇宙洪荒。\n",
    "emoji": "👩‍👩‍👧 🇱🇹 👍🏽 ok\n",
}
ALL = "".join(SCRIPTS.values())


def written(tokenizer: Tokenizer, text: str) -> str:
    writer = text_writer(tokenizer)
    (ids,) = tokenizer.encode_ids([text])
    return "".join([*(writer.piece(int(token)) for token in ids), writer.rest()])


@pytest.mark.parametrize("unit", ["char", "bpe"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_comes_back_as_it_was(unit: str, script: str) -> None:
    options = TextOptions(unit=unit, lowercase=False, min_frequency=1, vocabulary_size=400)
    assert written(train_tokenizer([ALL], options), SCRIPTS[script]) == SCRIPTS[script]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_byte_pairs_bring_back_text_they_have_never_seen(text: str) -> None:
    import unicodedata

    options = TextOptions(unit="bpe", lowercase=False, vocabulary_size=300)
    tokenizer = train_tokenizer([ALL], options)
    assert written(tokenizer, text) == unicodedata.normalize("NFC", text)


def test_a_character_of_several_tokens_appears_when_it_is_whole() -> None:
    options = TextOptions(unit="bpe", lowercase=False, vocabulary_size=258)
    tokenizer = train_tokenizer(["a"], options)
    writer = text_writer(tokenizer)
    pieces = [writer.piece(int(token)) for token in tokenizer.encode_ids(["ė!"])[0]]
    assert pieces == ["", "ė", "!"]


def test_a_character_that_is_never_finished_is_marked_at_the_end() -> None:
    options = TextOptions(unit="bpe", lowercase=False, vocabulary_size=258)
    tokenizer = train_tokenizer(["a"], options)
    writer = text_writer(tokenizer)
    assert writer.piece(int(tokenizer.encode_ids(["ė"])[0][0])) == ""
    assert writer.rest() == "\N{REPLACEMENT CHARACTER}"


def test_words_are_joined_by_spaces_but_not_around_line_ends() -> None:
    options = TextOptions(unit="word", lowercase=False, min_frequency=1)
    tokenizer = train_spaced(["the cat \n sat"], options)
    assert written(tokenizer, " the  cat \n sat") == "the cat\nsat"
    (ids,) = tokenizer.encode_ids(["cat"])
    assert text_writer(tokenizer, after="the").piece(int(ids[0])) == " cat"
    assert text_writer(tokenizer, after="the\n").piece(int(ids[0])) == "cat"


def test_where_punctuation_is_a_token_it_closes_up() -> None:
    options = TextOptions(unit="word", min_frequency=1)
    tokenizer = train_tokenizer(["he said ( no ) , it 's fine !"], options)
    assert written(tokenizer, "he said (no), it 's fine!") == "he said (no), it's fine!"
