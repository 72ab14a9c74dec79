"""JSON nested until a parser runs out of stack, or filled until it runs out of memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Forge = Callable[[str, bytes], Path]
Refused = Callable[[Path, str], None]


@pytest.mark.parametrize("name", ["metrics.json", "tokenizer.json"])
@pytest.mark.parametrize("depth", [33, 500, 100_000])
def test_deep_json_is_refused(name: str, depth: int, forge: Forge, refused: Refused) -> None:
    raw = b'{"a":' * depth + b"1" + b"}" * depth
    refused(forge(name, raw), f"{name}: nested deeper than 32 levels")


def test_a_deep_weights_header_is_refused(forge: Forge, refused: Refused) -> None:
    text = b"[" * 100_000 + b"]" * 100_000
    raw = len(text).to_bytes(8, "little") + text
    refused(forge("model.safetensors", raw), "header: nested deeper than 32 levels")


def test_millions_of_empty_lists_are_refused(forge: Forge, refused: Refused) -> None:
    raw = b'{"a":[' + b"[]," * 2_000_000 + b"[]]}"
    refused(forge("tokenizer.json", raw), "more than 2,000,000 lists and objects")


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (b"NaN", "NaN is no JSON number"),
        (b"-Infinity", "-Infinity is no JSON number"),
        (b"1e999", "the number 1e999 is too large"),
        (b"9" * 10_000, "not the JSON expected"),
        (b'"\\ud800"', "half a surrogate pair, U+D800"),
        (b'"\xff"', "not UTF-8 text, byte 6 is 0xff"),
    ],
    ids=["nan", "infinity", "overflow", "long-integer", "surrogate", "bytes"],
)
def test_values_that_are_no_json_are_refused(
    value: bytes, fault: str, forge: Forge, refused: Refused
) -> None:
    refused(forge("metrics.json", b'{"a":' + value + b"}"), fault)
