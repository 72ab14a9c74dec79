"""Tensors that share bytes, leave bytes unused, or lie about their size."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

Forge = Callable[[str, bytes], Path]
Refused = Callable[[Path, str], None]


def tensor(begin: int, end: int, shape: list[int]) -> dict[str, object]:
    return {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}


def file_of(header: dict[str, object], size: int) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(size)


def test_overlapping_tensors_are_refused(forge: Forge, refused: Refused) -> None:
    raw = file_of({"a": tensor(0, 16, [4]), "b": tensor(8, 24, [4])}, 24)
    refused(forge("model.safetensors", raw), "tensor 'b' at byte 8 overlaps the one before it")


def test_a_gap_between_tensors_is_refused(forge: Forge, refused: Refused) -> None:
    raw = file_of({"a": tensor(0, 16, [4]), "b": tensor(32, 48, [4])}, 48)
    refused(forge("model.safetensors", raw), "tensor 'b' at byte 32 leaves a gap before it")


def test_bytes_after_the_last_tensor_are_refused(forge: Forge, refused: Refused) -> None:
    raw = file_of({"a": tensor(0, 16, [4])}, 20)
    refused(forge("model.safetensors", raw), "tensors need 16 bytes, the file holds 20")


def test_a_range_that_ends_before_it_begins_is_refused(forge: Forge, refused: Refused) -> None:
    raw = file_of({"a": tensor(16, 0, [4])}, 16)
    refused(forge("model.safetensors", raw), "tensor 'a' has data_offsets that are not")


def test_a_negative_size_is_refused(forge: Forge, refused: Refused) -> None:
    raw = file_of({"a": tensor(0, 16, [-2, -2])}, 16)
    refused(forge("model.safetensors", raw), "tensor 'a' has a shape that is not up to 8 counts")


def test_an_unknown_type_is_refused(forge: Forge, refused: Refused) -> None:
    raw = file_of({"a": {**tensor(0, 16, [4]), "dtype": "OBJ"}}, 16)
    refused(forge("model.safetensors", raw), "tensor 'a' has type 'OBJ'; known: BOOL, F16")
