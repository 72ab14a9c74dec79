"""JSON from strangers: one object, no duplicate keys, no NaN, no bombs.

Python's own parser takes the last of two equal keys, reads `NaN` and `1e999`, and can be sent as
deep as its stack; none of that belongs in a saved model.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, NoReturn

from vartai.errors import BundleError

DEEPEST = 32
# Each takes some 64 bytes of memory for as few as two of file.
MOST_CONTAINERS = 2_000_000


def decode_utf8(raw: bytes, *, place: str) -> str:
    """The text of `raw`.

    Raises:
        BundleError: not UTF-8; names the first bad byte by its offset.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BundleError(
            f"{place}: not UTF-8 text, byte {error.start} is 0x{raw[error.start]:02x}"
        ) from error


def encode_utf8(text: str, *, place: str) -> bytes:
    """The bytes of `text`.

    Raises:
        BundleError: `text` holds half a surrogate pair, which UTF-8 cannot say.
    """
    _require_unicode(text, place=place)
    return text.encode("utf-8")


def parse_object(raw: bytes, *, place: str) -> dict[str, Any]:
    """Parse one JSON object.

    Args:
        raw: the whole file; the caller has bounded its size.
        place: the file's name, for messages.

    Raises:
        BundleError: not UTF-8, not JSON, not an object, a key twice, a number that is not finite,
            a string that is not Unicode text, or nested deeper than `DEEPEST`.
    """
    text = decode_utf8(raw, place=place)
    if raw.count(b"[") + raw.count(b"{") > MOST_CONTAINERS:
        raise BundleError(f"{place}: more than {MOST_CONTAINERS:,} lists and objects")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except RecursionError as error:
        raise BundleError(f"{place}: nested deeper than {DEEPEST} levels") from error
    except ValueError as error:
        raise BundleError(f"{place}: not the JSON expected: {error}") from error
    if not isinstance(value, dict):
        raise BundleError(f"{place}: expected a JSON object, found {type(value).__name__}")
    _require_shallow_text(value, place=place)
    return value


def canonical_bytes(value: dict[str, Any], *, place: str) -> bytes:
    """The one spelling of `value` over which a digest is taken: sorted keys, no white space.

    Raises:
        BundleError: `value` is not JSON.
    """
    return _dump(value, place=place, indent=None)


def pretty_bytes(value: dict[str, Any], *, place: str) -> bytes:
    """`value` as people read it: sorted keys, indented, a newline at the end.

    Raises:
        BundleError: `value` is not JSON.
    """
    return _dump(value, place=place, indent=2) + b"\n"


def _dump(value: dict[str, Any], *, place: str, indent: int | None) -> bytes:
    try:
        text = json.dumps(
            value,
            allow_nan=False,
            ensure_ascii=False,
            indent=indent,
            separators=(",", ": " if indent else ":"),
            sort_keys=True,
        )
        return text.encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise BundleError(f"{place}: cannot be written as JSON: {error}") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {twice[:80]!r} occurs twice")
    return made


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"the number {digits[:40]} is too large")
    return number


def _require_shallow_text(value: Any, *, place: str) -> None:
    """Walk without recursion, for what the parser lets through: depth and half surrogates."""
    waiting = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if depth > DEEPEST:
            raise BundleError(f"{place}: nested deeper than {DEEPEST} levels")
        if isinstance(item, str):
            _require_unicode(item, place=place)
        elif isinstance(item, dict):
            for key, inner in item.items():
                _require_unicode(key, place=place)
                waiting.append((inner, depth + 1))
        elif isinstance(item, list):
            waiting.extend((inner, depth + 1) for inner in item)


def _require_unicode(text: str, *, place: str) -> None:
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise BundleError(
                f"{place}: a string holds half a surrogate pair, U+{ord(text[error.start]):04X}"
            ) from error
