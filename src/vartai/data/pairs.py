"""Minimal pairs: two texts of the same words whose order alone decides between two labels.

A file of pairs is tab-separated UTF-8 text with a header and four columns: a text, its label, the
other text, its label. Whoever predicts by the words alone gets at most one text of a pair right.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from vartai.errors import InputError

COLUMNS = ("text", "label", "other_text", "other_label")


class MinimalPair(NamedTuple):
    """Two texts of the same words, blank-separated, and different labels."""

    text: str
    label: str
    other_text: str
    other_label: str


def read_pairs(path: str | Path) -> list[MinimalPair]:
    """Read a file of minimal pairs.

    Args:
        path: of the file.

    Raises:
        InputError: the file cannot be read or has another header; a line has not four fields, or
            an empty one, two texts of different words, or one label twice; there is no pair.
    """
    file = str(path)
    try:
        lines = Path(path).read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=file) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"expected UTF-8, found byte 0x{error.object[error.start]:02x}",
            file=file,
            line=error.object.count(b"\n", 0, error.start) + 1,
            byte=error.start - error.object.rfind(b"\n", 0, error.start) - 1,
        ) from error
    if lines[0].split("\t") != list(COLUMNS):
        raise InputError(
            f"expected the columns {', '.join(COLUMNS)}, found {lines[0][:80]!r}", file=file, line=1
        )
    end = len(lines) - 1 if lines[-1] == "" else len(lines)
    pairs = [_read_pair(lines[n], file=file, line=n + 1) for n in range(1, end)]
    if not pairs:
        raise InputError("holds no pair", file=file)
    return pairs


def _read_pair(text: str, *, file: str, line: int) -> MinimalPair:
    fields: Sequence[str] = text.split("\t")
    if len(fields) != len(COLUMNS):
        raise InputError(
            f"expected {len(COLUMNS)} fields, found {len(fields)}", file=file, line=line
        )
    for name, field in zip(COLUMNS, fields, strict=True):
        if not field.strip():
            raise InputError("expected text, found none", file=file, line=line, column=name)
    pair = MinimalPair(*fields)
    if sorted(pair.text.split()) != sorted(pair.other_text.split()):
        odd = sorted(set(pair.text.split()) ^ set(pair.other_text.split()))
        found = f"{', '.join(odd)} in one alone" if odd else "one word more often in one"
        raise InputError(
            f"expected the same words in both texts, found {found}", file=file, line=line
        )
    if pair.label == pair.other_label:
        raise InputError(f"expected two labels, found {pair.label!r} twice", file=file, line=line)
    return pair
