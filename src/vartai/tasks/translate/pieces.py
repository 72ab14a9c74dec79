"""Texts as byte pairs and back, exactly: case, spacing and all.

Every text is read with one space before it, so that a word at its beginning is the token it is
elsewhere; whoever reads a written text takes that space off.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from vartai.tasks.translate.config import PieceOptions
from vartai.text.options import TextOptions
from vartai.text.subwords import SubwordTokenizer, train_subwords
from vartai.text.tokens import Ids

_NO_LIMIT = 1 << 30  # tokens; who has a limit cuts for himself, and not out of the middle


def train_pieces(
    source: Sequence[str], target: Sequence[str], options: PieceOptions
) -> tuple[SubwordTokenizer, SubwordTokenizer]:
    """The vocabularies of both sides: one object twice where it is shared.

    Raises:
        InputError: a text holds a lone surrogate, which is not a character.
    """
    if options.shared:
        both = _train(chain(source, target), options)
        return both, both
    return _train(source, options), _train(target, options)


def _train(texts: Iterable[str], options: PieceOptions) -> SubwordTokenizer:
    settings = TextOptions(
        unit="bpe",
        lowercase=False,
        vocabulary_size=options.vocabulary_size,
        max_tokens=_NO_LIMIT,
    )
    return train_subwords((f" {text}" for text in texts), settings)


def encode_pieces(tokenizer: SubwordTokenizer, texts: Sequence[str]) -> list[Ids]:
    """Ids of each text."""
    return tokenizer.encode_ids([f" {text}" for text in texts])


def decode_pieces(tokenizer: SubwordTokenizer, ids: Iterable[int]) -> str:
    """The text of these ids; bytes that are no character read as U+FFFD."""
    return tokenizer.text(ids).removeprefix(" ")
