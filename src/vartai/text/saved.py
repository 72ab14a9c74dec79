"""Reading a saved tokenizer: every part is checked before anything is built of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

from vartai.errors import BundleError
from vartai.text.tokens import SPECIAL

MAX_CHARACTERS = 1 << 28  # of JSON; ten times what a million words take
MAX_VOCABULARY = 1 << 22

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
JsonObject: TypeAlias = Mapping[str, Json]


def fault(problem: str) -> BundleError:
    """A `BundleError` about a tokenizer."""
    return BundleError(f"tokenizer: {problem}")


def read_object(json_text: str) -> JsonObject:
    """Parse the JSON of a tokenizer.

    Raises:
        BundleError: it is too long, no JSON, or no object.
    """
    if len(json_text) > MAX_CHARACTERS:
        raise fault(f"expected at most {MAX_CHARACTERS} characters, found {len(json_text)}")
    try:
        parsed: Json = json.loads(json_text)
    except (ValueError, RecursionError) as error:
        raise fault(f"expected JSON, found a fault in it ({error})") from None
    return as_object(parsed, "the file")


def field(parent: JsonObject, name: str) -> Json:
    """The value of a field that must be there."""
    if name not in parent:
        raise fault(f"expected the field {name!r}, found only {sorted(parent)}")
    return parent[name]


def as_object(value: Json, name: str) -> JsonObject:
    """`value` if it is an object."""
    if not isinstance(value, dict):
        raise fault(f"expected {name} to be an object, found {type(value).__name__}")
    return value


def as_list(value: Json, name: str) -> list[Json]:
    """`value` if it is a list."""
    if not isinstance(value, list):
        raise fault(f"expected {name} to be a list, found {type(value).__name__}")
    return value


def as_text(value: Json, name: str) -> str:
    """`value` if it is a text of characters (no lone surrogates)."""
    if not isinstance(value, str):
        raise fault(f"expected {name} to be a string, found {type(value).__name__}")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise fault(f"expected {name} to be text, found a lone surrogate in it") from None
    return value


def as_count(value: Json, name: str, *, least: int) -> int:
    """`value` if it is a whole number of at least `least`."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise fault(f"expected {name} to be a whole number from {least}, found {value!r:.80}")
    return value


def read_vocabulary(value: Json) -> list[str]:
    """The tokens of ``{token: id}`` in the order of their ids, which count from 0.

    Raises:
        BundleError: ids are missing, double or foreign, there are too many, or the special
            tokens are not the first two.
    """
    entries = as_object(value, "the vocabulary")
    if not len(SPECIAL) <= len(entries) <= MAX_VOCABULARY:
        raise fault(
            f"expected a vocabulary of {len(SPECIAL)} to {MAX_VOCABULARY} tokens, "
            f"found {len(entries)}"
        )
    tokens: list[str | None] = [None] * len(entries)
    for token, position in entries.items():
        number = as_count(position, f"the id of {token!r:.80}", least=0)
        if number >= len(tokens) or tokens[number] is not None:
            raise fault(
                f"expected the ids 0 to {len(tokens) - 1}, each once, found {number} "
                f"for {token!r:.80}"
            )
        tokens[number] = as_text(token, "a token")
    vocabulary = [token for token in tokens if token is not None]
    if tuple(vocabulary[: len(SPECIAL)]) != SPECIAL:
        raise fault(f"expected the first tokens to be {SPECIAL}, found {vocabulary[:2]}")
    return vocabulary


def require_agreement(found: Json, expected: Json, name: str) -> None:
    """Refuse a part of the file that says other than this version of Vartai would do.

    Fields that only one side has are let pass: the library adds some from release to release.

    Raises:
        BundleError: a value differs.
    """
    if isinstance(found, dict) and isinstance(expected, dict):
        for key in found.keys() & expected.keys():
            require_agreement(found[key], expected[key], f"{name}.{key}")
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        for number, pair in enumerate(zip(found, expected, strict=True)):
            require_agreement(*pair, f"{name}[{number}]")
    elif found != expected:
        raise fault(f"expected {name} to be {expected!r:.200}, found {found!r:.200}")
