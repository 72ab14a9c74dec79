"""Whether a safetensors file is what it says, judged by its header alone.

A safetensors file is 8 bytes of header length (little-endian), a JSON header that gives each
tensor's type, shape and byte range, and the bytes. Everything here is decided before memory is
taken for a tensor, by whole-number arithmetic that cannot overflow.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from vartai.bundle.strict_json import parse_object
from vartai.errors import BundleError

LONGEST_HEADER = 1 << 20
HEAD = 8 + LONGEST_HEADER

# Element types that a bundle may hold: safetensors' name → NumPy's name.
ELEMENTS = {
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "I16": "int16",
    "I32": "int32",
    "I64": "int64",
    "F16": "float16",
    "F32": "float32",
    "F64": "float64",
}
MOST_AXES = 8
PICKLE_OPENINGS = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


def require_layout(head: bytes, *, size: int, place: str) -> None:
    """Check the header of a safetensors file against the size of the file.

    Args:
        head: the first `HEAD` bytes of the file, or all of a shorter one.
        size: bytes in the whole file.
        place: the file's name, for messages.

    Raises:
        BundleError: the header is too long, cut short, not strict JSON, or describes tensors that
            do not fill the file exactly, one after another.
    """
    length = _header_length(head, size=size, place=place)
    header = parse_object(head[8 : 8 + length], place=f"{place} header")
    if "__metadata__" in header:
        _require_metadata(header.pop("__metadata__"), place=place)
    ranges = sorted(
        (*_byte_range(name, entry, place=place), name) for name, entry in header.items()
    )
    reached = 0
    for begin, end, name in ranges:
        if begin != reached:
            fault = "overlaps the one before it" if begin < reached else "leaves a gap before it"
            raise BundleError(f"{place}: tensor {name[:80]!r} at byte {begin} {fault}")
        reached = end
    held = size - 8 - length
    if reached != held:
        raise BundleError(f"{place}: tensors need {reached:,} bytes, the file holds {held:,}")


def _header_length(head: bytes, *, size: int, place: str) -> int:
    # The length of an honest header may have such bytes too; but then the header follows it.
    if head.startswith(PICKLE_OPENINGS) and head[8:9] != b"{":
        raise BundleError(f"{place}: a pickle or archive under another name; it is not opened")
    if size < 8:
        raise BundleError(f"{place}: {size} bytes, too short for a safetensors file")
    length = int.from_bytes(head[:8], "little")
    if length > LONGEST_HEADER:
        raise BundleError(
            f"{place}: says its header has {length:,} bytes, at most {LONGEST_HEADER:,} are read"
        )
    if 8 + length > size:
        raise BundleError(
            f"{place}: cut short: header of {length:,} bytes in a file of {size:,} bytes"
        )
    return length


def _require_metadata(metadata: Any, *, place: str) -> None:
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise BundleError(f"{place}: __metadata__ should map names to strings")


def _byte_range(name: str, entry: Any, *, place: str) -> tuple[int, int]:
    """Where a tensor's bytes begin and end, counted from the end of the header."""
    tensor = f"{place}: tensor {name[:80]!r}"
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise BundleError(f"{tensor} should have exactly dtype, shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in ELEMENTS:
        raise BundleError(
            f"{tensor} has type {str(dtype)[:40]!r}; known: {', '.join(sorted(ELEMENTS))}"
        )
    if not _are_counts(shape) or len(shape) > MOST_AXES:
        raise BundleError(f"{tensor} has a shape that is not up to {MOST_AXES} counts")
    if not _are_counts(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise BundleError(f"{tensor} has data_offsets that are not a beginning and an end")
    needed, given = math.prod(shape) * np.dtype(ELEMENTS[dtype]).itemsize, offsets[1] - offsets[0]
    if needed != given:
        raise BundleError(f"{tensor} of shape {shape} needs {needed:,} bytes and has {given:,}")
    return offsets[0], offsets[1]


def _are_counts(values: Any) -> bool:
    """Whether `values` is a list of whole numbers that an address can hold."""
    return isinstance(values, list) and all(
        isinstance(v, int) and not isinstance(v, bool) and 0 <= v < 1 << 48 for v in values
    )
