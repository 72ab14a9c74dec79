"""Texts as tokens with their places, and what of a text was not read."""

from __future__ import annotations

from collections.abc import Sequence

from vartai.errors import InputError
from vartai.inspect.cut import Token
from vartai.text.tokens import Ids, TokenizedText


def located(text: str, offsets: Ids) -> tuple[Token, ...]:
    """Tokens of a text from where they begin and end, ``[n, 2]``."""
    return tuple(Token(text[start:end], start, end) for start, end in offsets.tolist())


def require_tokens(counts: Sequence[int], *, what: str) -> None:
    """Refuse a text without any token.

    Args:
        counts: tokens of each text.
        what: tokens are called.

    Raises:
        InputError: names the first such text's position.
    """
    for place, count in enumerate(counts):
        if count == 0:
            raise InputError(f"texts[{place}]: expected at least one {what}, found none")


def notes_of(tokenized: TokenizedText, *, max_tokens: int) -> tuple[str, ...]:
    """What a tokenizer and a bound left out of a text, in sentences."""
    notes = []
    if tokenized.cut:
        notes.append(
            f"the model reads at most {len(tokenized.ids):,} tokens of a text: "
            f"{tokenized.cut:,} were left out of the middle"
        )
    return (*notes, *bound_notes(len(tokenized.ids), max_tokens=max_tokens))


def bound_notes(count: int, *, max_tokens: int) -> tuple[str, ...]:
    """Says so if there are more tokens than are read."""
    if count <= max_tokens:
        return ()
    return (f"only the first {max_tokens:,} of {count:,} tokens were read",)
