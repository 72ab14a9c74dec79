"""The character unit: a token is one code point, found in a table by its number.

Case is kept (`TextOptions.lowercase` does not apply) and nothing is composed: a model of characters
sees the text exactly as it is. Combining marks and the parts of a composite emoji are tokens
of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from vartai.errors import OptionError
from vartai.text.options import TextOptions
from vartai.text.saved import JsonObject, as_count, as_text, fault, field
from vartai.text.tokens import (
    SPECIAL,
    UNKNOWN_ID,
    Ids,
    TokenizedText,
    checked,
    look_up,
    without_middle,
)

SAVED_TYPE = "vartai.characters"
SAVED_VERSION = 1
_CODE_POINTS = 0x110000
_COUNTED_AT_ONCE = 1 << 20  # characters; bounds the memory of counting

CodePoints = npt.NDArray[np.uint32]


class CharacterTokenizer:
    """Code points and their ids.

    Args:
        characters: the known characters in the order of their ids, from id 2 on.
        max_tokens: longest text in tokens; a longer one loses its middle.
    """

    unit = "char"
    unknown_id = UNKNOWN_ID

    def __init__(self, characters: str, *, max_tokens: int) -> None:
        self.vocabulary = (*SPECIAL, *characters)
        self.size = len(self.vocabulary)
        self.max_tokens = max_tokens
        self._characters = characters
        self._ids = _id_by_code_point(characters)

    def encode(self, texts: Sequence[str]) -> list[TokenizedText]:
        """See `vartai.text.tokens.Tokenizer`."""
        return [self._tokenized(text) for text in checked(texts)]

    def encode_ids(self, texts: Sequence[str]) -> list[Ids]:
        """See `vartai.text.tokens.Tokenizer`."""
        return [self._look_up(_code_points(text)) for text in checked(texts)]

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """See `vartai.text.tokens.Tokenizer`."""
        return look_up(self.vocabulary, ids)

    def to_json(self) -> str:
        """An object with type, version, max_tokens and the characters in the order of their ids."""
        return json.dumps(
            {
                "type": SAVED_TYPE,
                "version": SAVED_VERSION,
                "max_tokens": self.max_tokens,
                "characters": self._characters,
            },
            ensure_ascii=False,
        )

    def extended(self, texts: Iterable[str], options: TextOptions) -> CharacterTokenizer:
        """See `vartai.text.tokens.Tokenizer`."""
        if options.unit != self.unit:
            raise OptionError(
                f"a vocabulary of characters cannot be extended with unit={options.unit}"
            )
        known = set(self._characters)
        room = max(0, options.vocabulary_size - self.size)
        added = [
            character
            for character in _counted_characters(texts, options.min_frequency)
            if character not in known
        ][:room]
        return CharacterTokenizer(self._characters + "".join(added), max_tokens=options.max_tokens)

    def _tokenized(self, text: str) -> TokenizedText:
        starts = without_middle(np.arange(len(text), dtype=np.int64), self.max_tokens)
        return TokenizedText(
            ids=self._look_up(_code_points(text)),
            offsets=np.stack([starts, starts + 1], axis=1),
            cut=len(text) - len(starts),
        )

    def _look_up(self, code_points: CodePoints) -> Ids:
        kept = without_middle(code_points, self.max_tokens)
        # The table ends with one entry for everything beyond it: unknown.
        return self._ids[np.minimum(kept, len(self._ids) - 1)]


def train_characters(texts: Iterable[str], options: TextOptions) -> CharacterTokenizer:
    """Count the characters of texts and keep the commonest; of equally common ones the lower."""
    common = _counted_characters(texts, options.min_frequency)
    kept = common[: options.vocabulary_size - len(SPECIAL)]
    return CharacterTokenizer("".join(kept), max_tokens=options.max_tokens)


def load_characters(saved: JsonObject) -> CharacterTokenizer:
    """Make a tokenizer of its parsed JSON; raises `BundleError` for what is not as it must be."""
    version = as_count(field(saved, "version"), "version", least=1)
    if version != SAVED_VERSION:
        raise fault(f"expected version {SAVED_VERSION}, found {version}")
    characters = as_text(field(saved, "characters"), "characters")
    if len(set(characters)) != len(characters):
        raise fault("expected each of the characters once, found some twice")
    max_tokens = as_count(field(saved, "max_tokens"), "max_tokens", least=2)
    return CharacterTokenizer(characters, max_tokens=max_tokens)


def _code_points(text: str) -> CodePoints:
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4")


def _id_by_code_point(characters: str) -> Ids:
    """Table from code point to id, as long as the highest known code point needs, and one more."""
    known = _code_points(characters)
    table = np.full(int(known.max(initial=0)) + 2, UNKNOWN_ID, dtype=np.int64)
    table[known] = np.arange(len(SPECIAL), len(SPECIAL) + len(known))
    return table


def _counted_characters(texts: Iterable[str], min_frequency: int) -> list[str]:
    """Characters seen at least so often, most frequent first, ties by code point."""
    counts = np.zeros(_CODE_POINTS, dtype=np.int64)
    for piece in _pieces(checked(texts)):
        counts += np.bincount(_code_points(piece), minlength=_CODE_POINTS)
    frequent = np.flatnonzero(counts >= min_frequency)
    order = np.argsort(-counts[frequent], kind="stable")
    return [chr(code_point) for code_point in frequent[order].tolist()]


def _pieces(texts: Iterable[str]) -> Iterator[str]:
    """Texts joined until a piece is worth counting."""
    waiting: list[str] = []
    length = 0
    for text in texts:
        waiting.append(text)
        length += len(text)
        if length >= _COUNTED_AT_ONCE:
            yield "".join(waiting)
            waiting, length = [], 0
    yield "".join(waiting)
