"""A shape of 10^12 elements: small on disk, terabytes once unpacked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Forge = Callable[[str, bytes], Path]
Refused = Callable[[Path, str], None]


def file_of(shape: list[int], end: int) -> bytes:
    entry = {"dtype": "F32", "shape": shape, "data_offsets": [0, end]}
    text = json.dumps({"w": entry}).encode()
    return len(text).to_bytes(8, "little") + text + bytes(16)


@pytest.mark.parametrize(
    ("shape", "end", "fault"),
    [
        ([10**6, 10**6], 16, "needs 4,000,000,000,000 bytes and has 16"),
        ([10**6, 10**6], 4 * 10**12, "tensors need 4,000,000,000,000 bytes, the file holds 16"),
        ([1 << 32, 1 << 32], 16, "needs 73,786,976,294,838,206,464 bytes"),
        ([1 << 62, 4], 0, "has a shape that is not up to 8 counts"),
        ([1] * 100, 4, "has a shape that is not up to 8 counts"),
    ],
    ids=["shape", "shape-and-range", "overflow", "too-large", "axes"],
)
def test_an_immense_tensor_is_refused(
    shape: list[int], end: int, fault: str, forge: Forge, refused: Refused
) -> None:
    refused(forge("model.safetensors", file_of(shape, end)), fault)


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("config.json", "1,048,576"),
        ("metrics.json", "4,194,304"),
        ("tokenizer.json", "33,554,432"),
        ("README.md", "1,048,576"),
        ("model.safetensors", "2,147,483,648"),
    ],
)
def test_a_file_beyond_its_limit_is_not_read(
    name: str, limit: str, bundle: Path, refused: Refused
) -> None:
    # A sparse file: large by its size, almost nothing on the disk.
    with (bundle / name).open("wb") as stream:
        stream.truncate(1 << 40)
    refused(bundle, f"{name}: 1,099,511,627,776 bytes, at most {limit} are read")
