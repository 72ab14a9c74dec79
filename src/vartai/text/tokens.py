"""What every tokenizer gives and keeps to, whatever its unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from vartai.errors import InputError, OptionError
from vartai.text.options import TextOptions

PADDING, UNKNOWN = "<pad>", "<unk>"
PADDING_ID, UNKNOWN_ID = 0, 1
SPECIAL = (PADDING, UNKNOWN)  # tokens of no text: whoever types "<unk>" gets three ordinary tokens

Ids = npt.NDArray[np.int64]
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, eq=False)
class TokenizedText:
    """One text as ids, and where each of them stands.

    Attributes:
        ids: token ids, shape [n].
        offsets: first and last-but-one code point of each token in the original text, shape
            [n, 2], so that ``text[start:end]`` is what was read. Byte pairs that split one
            character share its offsets.
        cut: tokens left out of the middle because of `TextOptions.max_tokens`.
    """

    ids: Ids
    offsets: Ids
    cut: int


class Tokenizer(Protocol):
    """Text to ids. Id 0 is padding, id 1 whatever the vocabulary lacks; neither is ever text."""

    @property
    def unit(self) -> str:
        """What one token is: word, char or bpe."""

    @property
    def size(self) -> int:
        """Number of ids, the two special ones included."""

    @property
    def unknown_id(self) -> int:
        """The id of whatever the vocabulary lacks."""

    @property
    def max_tokens(self) -> int:
        """Longest text in tokens; a longer one loses its middle."""

    @property
    def vocabulary(self) -> Sequence[str]:
        """Every token, in the order of the ids, as the model knows it."""

    def encode(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Ids with offsets, one entry a text; an empty text has no tokens.

        Raises:
            InputError: a text holds a lone surrogate, which is not a character.
        """

    def encode_ids(self, texts: Sequence[str]) -> list[Ids]:
        """The ids of `encode` alone, shape [n] each, in a fraction of the time.

        Raises:
            InputError: a text holds a lone surrogate, which is not a character.
        """

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """The tokens as a person reads them.

        Raises:
            OptionError: an id is not one of this vocabulary's.
        """

    def to_json(self) -> str:
        """Everything that `load_tokenizer` needs to make this tokenizer again."""

    def extended(self, texts: Iterable[str], options: TextOptions) -> Tokenizer:
        """This tokenizer with the tokens of new texts appended; ids that exist keep their token.

        `options.min_frequency` counts in the new texts alone; `options.vocabulary_size` bounds the
        vocabulary as a whole. Byte pairs know every text and get nothing new.

        Raises:
            InputError: a text holds a lone surrogate, which is not a character.
            OptionError: unit or case folding differ from this tokenizer's.
        """


def without_middle(tokens: npt.NDArray[Scalar], max_tokens: int) -> npt.NDArray[Scalar]:
    """The first and the last half of `max_tokens` rows (the first has the odd one), or all.

    >>> without_middle(np.arange(9), 5)
    array([0, 1, 2, 7, 8])
    """
    if len(tokens) <= max_tokens:
        return tokens
    tail = max_tokens // 2
    return np.concatenate([tokens[: max_tokens - tail], tokens[len(tokens) - tail :]])


def look_up(vocabulary: Sequence[str], ids: Iterable[int]) -> list[str]:
    """The tokens of ids.

    Raises:
        OptionError: an id is negative or beyond the vocabulary.
    """
    found = []
    for number in ids:
        if not 0 <= number < len(vocabulary):
            raise OptionError(f"expected ids from 0 to {len(vocabulary) - 1}, found {number}")
        found.append(vocabulary[number])
    return found


def checked(texts: Iterable[str]) -> Iterator[str]:
    """The texts as they come, each found to be made of characters.

    Raises:
        InputError: a text holds a lone surrogate; the message counts texts from 1.
    """
    for number, text in enumerate(texts, start=1):
        if not text.isascii():
            _require_characters(text, number)
        yield text


def _require_characters(text: str, number: int) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"text {number}, character {error.start + 1}: expected a character, found the lone "
            f"surrogate U+{ord(text[error.start]):04X}"
        ) from None
