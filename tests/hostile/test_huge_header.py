"""A header length that would make a reader take terabytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Forge = Callable[[str, bytes], Path]
Refused = Callable[[Path, str], None]


def test_a_huge_header_length_is_refused(forge: Forge, refused: Refused) -> None:
    raw = (1 << 60).to_bytes(8, "little") + b"{}"
    folder = forge("model.safetensors", raw)
    refused(folder, "model.safetensors: says its header has 1,152,921,504,606,846,976 bytes")


def test_a_header_longer_than_the_file_is_refused(forge: Forge, refused: Refused) -> None:
    raw = (1_000).to_bytes(8, "little") + b"{}"
    folder = forge("model.safetensors", raw)
    refused(folder, "cut short: header of 1,000 bytes in a file of 10 bytes")
