"""What a word is, where it stands, and which words are kept."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.errors import OptionError
from vartai.text.options import TextOptions
from vartai.text.words import LONGEST_WORD, WordTokenizer, train_words

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def read(text: str, **limits: int) -> list[str]:
    """What stands at the offsets of each token of `text`."""
    tokenizer = train_words([text], TextOptions(min_frequency=1, **limits))
    return [text[start:end] for start, end in tokenizer.encode([text])[0].offsets.tolist()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't l'homme it’s does n't", ["Don't", "l'homme", "it’s", "does", "n't"]),
        ("the film 's 'quoted'", ["the", "film", "'s", "'", "quoted", "'"]),
        ("3.5 of 1,000, in 2024.", ["3.5", "of", "1,000", ",", "in", "2024", "."]),
        ("no... yes!!! ?!", ["no", "...", "yes", "!!!", "?", "!"]),
        ("a<br />b</p>x < y", ["a", "<br />", "b", "</p>", "x", "<", "y"]),
        ("well-made #tag", ["well", "-", "made", "#", "tag"]),
        ("ėjo e\u0307jo ačiu\u0304", ["ėjo", "e\u0307jo", "ačiu\u0304"]),
        ("😂😂 👩‍👩‍👧 🇱🇹 👍🏽", ["😂", "😂", "👩‍👩‍👧", "🇱🇹", "👍🏽"]),
        ("a\x00b", ["a", "\x00", "b"]),
        ("İstanbul İİ z", ["İstanbul", "İİ", "z"]),
        ("한글 \u1112\u1161\u11ab", ["한글", "\u1112\u1161\u11ab"]),
        (" \t\u00a0\n", []),
        ("", []),
    ],
)
def test_words_and_their_places_in_the_original_text(text: str, words: list[str]) -> None:
    assert read(text) == words


@given(texts)
def test_tokens_never_overlap_and_only_white_space_lies_between(text: str) -> None:
    offsets = train_words([text], TextOptions(min_frequency=1)).encode([text])[0].offsets.tolist()
    end = 0
    for start, stop in offsets:
        assert end <= start < stop
        assert text[end:start].strip() == ""
        end = stop
    assert text[end:].strip() == ""


@given(texts)
def test_composed_and_decomposed_text_have_the_same_ids(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    decomposed = unicodedata.normalize("NFD", text)
    tokenizer = train_words([composed], TextOptions(min_frequency=1))
    first, second = tokenizer.encode_ids([composed, decomposed])
    assert first.tolist() == second.tolist()


@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("literal", ["<unk>", "<pad>", "<UNK>", "<unk><pad>"])
def test_a_special_token_typed_in_a_text_is_ordinary(literal: str, lowercase: bool) -> None:
    tokenizer = train_words(
        [f"x {literal} y"] * 3, TextOptions(min_frequency=1, lowercase=lowercase)
    )
    ids = tokenizer.encode_ids([literal])[0].tolist()
    assert min(ids) >= 2
    assert tokenizer.vocabulary.count("<unk>") == tokenizer.vocabulary.count("<pad>") == 1


def test_the_commonest_words_stay_and_ties_go_by_text() -> None:
    tokenizer = train_words(
        ["d c b a", "b a e", "a"], TextOptions(min_frequency=1, vocabulary_size=5)
    )
    assert tokenizer.vocabulary == ("<pad>", "<unk>", "a", "b", "c")
    rare_left_out = train_words(["d c b a", "b a e", "a"], TextOptions(min_frequency=2))
    assert rare_left_out.vocabulary == ("<pad>", "<unk>", "a", "b")


def test_a_very_long_word_is_unknown() -> None:
    tokenizer = train_words(
        ["a" * LONGEST_WORD, "b" * (LONGEST_WORD + 1)], TextOptions(min_frequency=1)
    )
    assert tokenizer.vocabulary[2:] == ("a" * LONGEST_WORD,)


def test_case_is_kept_where_asked() -> None:
    tokenizer = train_words(["Ir ir"], TextOptions(min_frequency=1, lowercase=False))
    assert tokenizer.vocabulary[2:] == ("Ir", "ir")


def test_extending_keeps_ids_and_appends_the_commonest_new_words() -> None:
    first = train_words(["geras filmas"], TextOptions(min_frequency=1))
    options = TextOptions(vocabulary_size=6, min_frequency=2, max_tokens=9)
    second = first.extended(["blogas vakaras geras", "blogas vakaras vakaras", "kitas"], options)
    assert second.vocabulary == (*first.vocabulary, "vakaras", "blogas")
    assert second.max_tokens == 9
    assert (
        first.extended(["naujas"], TextOptions(min_frequency=1, vocabulary_size=3)).vocabulary
        == first.vocabulary
    )


def test_extending_with_other_rules_is_refused() -> None:
    tokenizer = WordTokenizer(["<pad>", "<unk>"], lowercase=True, max_tokens=10)
    message = re.escape("words (lowercase=True) cannot be extended with unit=word, lowercase=False")
    with pytest.raises(OptionError, match=message):
        tokenizer.extended([], TextOptions(min_frequency=1, lowercase=False))
