"""Text in fragments, cut anywhere, has the tokens of the whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vartai.text.cutting import cut_words
from vartai.text.options import TextOptions
from vartai.text.rows import read_rows
from vartai.text.settling import settled_words, settling_rule
from vartai.text.tokenizer import Tokenizer, train_spaced, train_tokenizer

# What is hard: tags, apostrophes, numbers, marks that compose or reorder, Hangul parts, clusters
# of emoji, format characters that take what follows, control characters that are no white space.
HARD = [
    *"aBe1 \n\t.,'’<>/!=-_\u0301\u0323\u0338\u200d\u0600\u1100\u1161\u11a8",
    *"İΣσ你。\uff1a\xa0\x85\x1c\u2028",
    "<br", " />", "<p>", "</b>", "U.S.", "3.5", "don't", "'s", "  ", "...", "👩\u200d👩", "🇱", "🇹",
    "\U0001f44d\U0001f3fd", "a" * 63, "é" * 40, "e\u0301" * 33, " " * 65, "-" * 66, "1" * 64,
    "İ" * 64,
    "\ufe0f", "\u0e33", "\u0915\u094d\u0937", "\r\n", "\u0378", "\U0001f9d1\u200d",
]  # fmt: skip
FRAGMENTS = st.lists(
    st.one_of(st.sampled_from(HARD), st.text(max_size=4)), min_size=1, max_size=14
).filter(lambda parts: all(is_text(part) for part in parts))
CORPUS = [
    "Not bad at all, don't you think? <br />It costs 3.5 or 1,000.",
    "ėjo geras U.S. café <br> <br  /> a b e ... !!! a.B 你好。世界 '=' -- 1.1",
] * 3


def is_text(part: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in part)


def tokenizers() -> list[Tokenizer]:
    made = []
    for lowercase in (True, False):
        made.append(train_spaced(CORPUS, TextOptions(lowercase=lowercase, min_frequency=1)))
        for unit, size in (("word", 1000), ("char", 1000), ("bpe", 320)):
            options = TextOptions(
                unit=unit, lowercase=lowercase, vocabulary_size=size, min_frequency=1,
                max_tokens=100_000,
            )  # fmt: skip
            made.append(train_tokenizer(CORPUS, options))
    return made


TOKENIZERS = tokenizers()
NAMES = [f"{type(t).__name__}-{getattr(t, 'lowercase', None)}" for t in TOKENIZERS]


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=NAMES)
@settings(max_examples=200)
@given(parts=FRAGMENTS)
@example(parts=["\u0600", " ", "\u0301"])
@example(parts=["<br", " ", "/>"])
@example(parts=["\u0600 ", "a"])
def test_fragments_have_the_tokens_of_the_whole(tokenizer: Tokenizer, parts: list[str]) -> None:
    settled = settling_rule(tokenizer)
    affixes = 2 if type(tokenizer).__name__ == "WordTokenizer" else 0
    pending, read = "", []
    for part in parts:
        pending += part
        place = settled(pending)
        read.append(read_rows(tokenizer, [pending[:place]], affixes=affixes)[0])
        pending = pending[place:]
        assert settled(pending) == 0
    read.append(read_rows(tokenizer, [pending], affixes=affixes)[0])
    whole = read_rows(tokenizer, ["".join(parts)], affixes=affixes)[0]
    assert np.array_equal(np.concatenate(read), whole)


@settings(max_examples=200)
@given(parts=FRAGMENTS)
def test_words_that_are_cut_as_they_stand_come_whole_too(parts: list[str]) -> None:
    pending, read = "", []
    for part in parts:
        pending += part
        place = settled_words(pending)
        read += cut_words(pending[:place])
        pending = pending[place:]
    assert [*read, *cut_words(pending)] == list(cut_words("".join(parts)))


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=NAMES)
def test_plain_text_does_not_stay_pending_for_long(tokenizer: Tokenizer) -> None:
    text = " ".join(CORPUS).replace("<br", "x") * 3
    longest, pending = 0, ""
    for character in text:
        pending += character
        pending = pending[settling_rule(tokenizer)(pending) :]
        longest = max(longest, len(pending))
    assert longest <= 12
