"""Ids back to text, as they come: what a model writes, piece by piece.

Characters and byte pairs give back exactly what was read. Of words the white space is gone: they
are joined by single spaces, none at the beginning of a line, and where punctuation is a token of
its own, none before what closes and after what opens.
"""

from __future__ import annotations

import codecs
from typing import Protocol

from vartai.text.spaced import LINE_END, SpacedTokenizer
from vartai.text.subwords import SubwordTokenizer, token_bytes
from vartai.text.tokens import Tokenizer

_CLOSES = frozenset(".,;:!?…)]}»”’%'") | {"'s", "n't", "'re", "'ve", "'ll", "'d", "'m"}
_OPENS = frozenset("([{«„“\N{LEFT SINGLE QUOTATION MARK}$€£")


class TextWriter(Protocol):
    """Turns ids into text, one after another."""

    def piece(self, token: int) -> str:
        """What a token adds to the text; perhaps nothing yet."""

    def rest(self) -> str:
        """What is left at the end."""


def text_writer(tokenizer: Tokenizer, *, after: str = "") -> TextWriter:
    """A writer for the tokens of a tokenizer.

    Args:
        tokenizer: what made the ids.
        after: the text that stands before the first token.
    """
    if isinstance(tokenizer, SubwordTokenizer):
        return _Bytes(tokenizer)
    if tokenizer.unit == "word":
        apart = not isinstance(tokenizer, SpacedTokenizer)
        return _Words(tokenizer, after, punctuation_apart=apart)
    return _Characters(tokenizer)


class _Characters:
    def __init__(self, tokenizer: Tokenizer) -> None:
        self._vocabulary = tokenizer.vocabulary

    def piece(self, token: int) -> str:
        return self._vocabulary[token]

    def rest(self) -> str:
        return ""


class _Bytes:
    """Byte pairs: a character may be spread over several tokens, and a model may never end one."""

    def __init__(self, tokenizer: SubwordTokenizer) -> None:
        self._vocabulary = tokenizer.vocabulary
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def piece(self, token: int) -> str:
        return self._decoder.decode(token_bytes(self._vocabulary[token]))

    def rest(self) -> str:
        return self._decoder.decode(b"", final=True)


class _Words:
    def __init__(self, tokenizer: Tokenizer, after: str, *, punctuation_apart: bool) -> None:
        self._vocabulary = tokenizer.vocabulary
        self._apart = punctuation_apart
        self._touching = not after or after[-1].isspace() or (self._apart and after[-1] in _OPENS)

    def piece(self, token: int) -> str:
        word = self._vocabulary[token]
        touching = self._touching or word == LINE_END or (self._apart and word in _CLOSES)
        self._touching = word == LINE_END or (self._apart and word in _OPENS)
        return word if touching else f" {word}"

    def rest(self) -> str:
        return ""
