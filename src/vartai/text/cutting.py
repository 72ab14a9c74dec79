"""Running text to words, each spelled as it stands: for models of words that come ready cut."""

from __future__ import annotations

from functools import cache

from tokenizers import Regex, pre_tokenizers

from vartai.text.words import WORD_PATTERN


def cut_words(text: str) -> tuple[str, ...]:
    """Words, numbers and symbols in order, without the white space between them.

    >>> cut_words("Ne, 3.5 don't!")
    ('Ne', ',', '3.5', "don't", '!')
    """
    return tuple(piece for piece, _ in _splitter().pre_tokenize_str(text))


@cache
def _splitter() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Split(Regex(WORD_PATTERN), "removed", invert=True)
