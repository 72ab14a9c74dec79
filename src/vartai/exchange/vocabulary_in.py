"""A vocabulary of another program as a tokenizer of Vartai, and where its rows go.

Vartai's ids 0 and 1 are padding and unknown; the others keep their order. Rows for tokens that the
other program did not have are zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from vartai.bundle.strict_json import parse_object
from vartai.errors import BundleError, InputError, OptionError
from vartai.exchange.import_plan import ImportedText
from vartai.exchange.tensor_files import require_file
from vartai.text.characters import CharacterTokenizer
from vartai.text.spaced import SpacedTokenizer, spaced_words
from vartai.text.tokenizer import Tokenizer
from vartai.text.tokens import SPECIAL
from vartai.text.words import WordTokenizer

_MOST_BYTES = 64 << 20
_NONE = -1


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """A tokenizer, and for each of its ids the row that the weights have for it; -1 for none."""

    tokenizer: Tokenizer
    rows: Sequence[int]

    def moved(self, table: Tensor, *, missing: float = 0.0) -> Tensor:
        """Rows ``[V, …]`` in the order of the tokenizer's ids."""
        places = torch.tensor(self.rows)
        moved = table[places.clamp(min=0)]
        moved[places == _NONE] = missing
        return moved


def read_vocabulary(path: Path, text: ImportedText, *, rows: int, border: bool) -> Vocabulary:
    """The tokenizer of a vocabulary file.

    Args:
        path: of the file.
        text: how text was read.
        rows: of the embedding.
        border: whether id 0 is the border between texts, as a language model reads it.

    Raises:
        InputError: the file cannot be read, or its tokens are not as many as there are rows, or
            not such as this way of cutting text can give; names the line.
        OptionError: a special token that the vocabulary does not have.
    """
    tokens = _read_tokens(path)
    if len(tokens) != rows:
        raise InputError(f"{len(tokens):,} tokens, the embedding has {rows:,} rows", file=str(path))
    places = {token: place for place, token in enumerate(tokens)}
    if len(places) < len(tokens):
        seen: set[str] = set()
        for line, each in enumerate(tokens, start=1):
            if each in seen:
                raise InputError(f"token {each!r} is there twice", file=str(path), line=line)
            seen.add(each)
    special = {"unknown": text.unknown, "padding": text.padding, "border": text.border}
    for name, token in special.items():
        if token is not None and token not in places:
            raise OptionError(f"{name} = {token!r} in [text] is not a token of {path}")
    first = text.border if border else text.padding
    head = [_NONE if token is None else places[token] for token in (first, text.unknown)]
    left_out = {*SPECIAL, *(token for token in special.values() if token is not None)}
    own = [(token, place) for token, place in places.items() if token not in left_out]
    tokenizer = _tokenizer([token for token, _ in own], text, path, places)
    return Vocabulary(tokenizer, [*head, *(place for _, place in own)])


def _read_tokens(path: Path) -> list[str]:
    if require_file(path) > _MOST_BYTES:
        raise InputError(f"at most {_MOST_BYTES:,} bytes are read", file=str(path))
    raw = path.read_bytes()
    if path.suffix.lower() == ".json":
        return _from_object(raw, path)
    try:
        lines = raw.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise InputError("expected UTF-8", file=str(path), byte=error.start) from error
    return [line.removesuffix("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


def _from_object(raw: bytes, path: Path) -> list[str]:
    try:
        ids = parse_object(raw, place=str(path))
    except BundleError as error:
        raise InputError(str(error)) from error
    if sorted(ids.values(), key=str) != sorted(range(len(ids)), key=str):
        raise InputError(
            f"expected each id from 0 to {len(ids) - 1} once, as a whole number", file=str(path)
        )
    return sorted(ids, key=ids.__getitem__)


def _tokenizer(
    tokens: list[str], text: ImportedText, path: Path, places: dict[str, int]
) -> Tokenizer:
    if text.unit == "word":
        return WordTokenizer(
            [*SPECIAL, *tokens], lowercase=text.lowercase, max_tokens=text.max_tokens
        )
    if text.unit == "char":
        _require(tokens, lambda token: len(token) == 1, "one character", path, places)
        return CharacterTokenizer("".join(tokens), max_tokens=text.max_tokens)

    def is_spaced(token: str) -> bool:
        return list(spaced_words(token, lowercase=text.lowercase)) == [token]

    _require(tokens, is_spaced, "a word without white space or other case", path, places)
    return SpacedTokenizer(tokens, lowercase=text.lowercase, max_tokens=text.max_tokens)


def _require(
    tokens: list[str],
    fits: Callable[[str], bool],
    expected: str,
    path: Path,
    places: dict[str, int],
) -> None:
    for token in tokens:
        if not fits(token):
            raise InputError(
                f"expected {expected}, found {token!r:.80}",
                file=str(path),
                line=places[token] + 1,
            )


def never_read(tokenizer: Tokenizer) -> int:
    """How many tokens of a vocabulary no text can give: cut or folded, they are others."""
    tokens = list(tokenizer.vocabulary[len(SPECIAL) :])
    found = tokenizer.encode_ids(tokens)
    whole: Iterator[bool] = (
        ids.tolist() == [place] for place, ids in enumerate(found, len(SPECIAL))
    )
    return len(tokens) - list(whole).count(True)
