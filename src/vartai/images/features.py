"""Annotations that were computed elsewhere: one `.npy` file a picture, ``[L, D]``.

A header is taken to pieces by a pattern and not evaluated; before anything is read, the numbers
must be of type float16 or float32, the sizes within bounds, and the file as long as they say.
Python objects are refused, for only unpickling could make them.
"""

from __future__ import annotations

import math
import re
import stat
from pathlib import Path

import numpy as np
import torch

from vartai.errors import InputError
from vartai.images.opening import Opened
from vartai.images.sizes import MOST_NUMBERS, MOST_POSITIONS

_MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 10_000
_HEADER = re.compile(
    r"\{'descr': '([<>|=]?[a-zA-Z]\d*)', 'fortran_order': (True|False), "
    r"'shape': \(((?:\d{1,18}, ?)*(?:\d{1,18})?)\),? ?\} *\n?"
)
_TYPES = ("<f2", "<f4", ">f2", ">f4")


def read_annotations(path: str | Path, *, shape: tuple[int, int] | None) -> Opened:
    """Read the annotations of one picture.

    Args:
        path: a `.npy` file.
        shape: L and D that are expected; any if None.

    Returns:
        ``[L, D]``, float32.

    Raises:
        InputError: the file is not there, no `.npy`, of another type or shape, cut short, or holds
            a number that is not finite.
    """
    name = str(path)
    data = memoryview(_read_file(Path(path), name))
    kind, in_columns, sizes, start = _read_header(data, name)
    found = " × ".join(map(str, sizes)) or "a single number"
    if len(sizes) != 2 or 0 in sizes:
        raise InputError(f"expected annotations [places, numbers], found {found}", file=name)
    if shape is not None and sizes != shape:
        raise InputError(
            f"expected annotations of {shape[0]} places × {shape[1]} numbers, found {found}",
            file=name,
        )
    if sizes[0] > MOST_POSITIONS or sizes[1] > MOST_NUMBERS:
        raise InputError(
            f"expected at most {MOST_POSITIONS:,} places × {MOST_NUMBERS:,} numbers, found {found}",
            file=name,
        )
    expected = math.prod(sizes) * np.dtype(kind).itemsize
    if len(data) - start != expected:
        raise InputError(
            f"the file is damaged or cut short: expected {expected:,} bytes after the header, "
            f"found {len(data) - start:,}",
            file=name,
        )
    numbers = np.frombuffer(data[start:], dtype=kind)
    numbers = numbers.reshape(sizes, order="F" if in_columns else "C")
    values = np.array(numbers, dtype=np.float32, order="C")
    if not np.isfinite(values).all():
        place, number = np.argwhere(~np.isfinite(values))[0].tolist()
        raise InputError(
            f"expected finite numbers, found {values[place, number]} at place {place}, number "
            f"{number}",
            file=name,
        )
    return Opened(torch.from_numpy(values), ())


def _read_file(path: Path, name: str) -> bytes:
    most = len(_MAGIC) + _LONGEST_HEADER + MOST_POSITIONS * MOST_NUMBERS * 4
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError("is not an ordinary file; expected .npy annotations", file=name)
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
            if head != _MAGIC:
                hint = "; take the arrays out of the archive" if head[:2] == b"PK" else ""
                begins = f"begins with the bytes {head.hex(' ')}" if head else "is empty"
                raise InputError(f"is no .npy file: it {begins}{hint}", file=name)
            return file.read(most)
    except FileNotFoundError as error:
        raise InputError("there is no such file", file=name) from error
    except InputError:
        raise
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"cannot be read: {why}", file=name) from error


def _read_header(data: memoryview, name: str) -> tuple[str, bool, tuple[int, ...], int]:
    """Type, whether column by column, sizes, and where the numbers begin, after the magic bytes."""
    damaged = InputError("the .npy header is damaged, or of an unknown version", file=name)
    if len(data) < 6 or data[0] not in (1, 2, 3):
        raise damaged
    width = 2 if data[0] == 1 else 4
    length = int.from_bytes(data[2 : 2 + width], "little")
    start = 2 + width + length
    if length > _LONGEST_HEADER or start > len(data):
        raise damaged
    text = bytes(data[2 + width : start]).decode("latin-1")
    match = _HEADER.fullmatch(text)
    if match is None or match[1].lstrip("<>|=")[0] == "O":
        if "'|O'" in text or "'O'" in text:
            raise InputError("holds Python objects, and those are never unpickled", file=name)
        raise damaged
    kind, order, sizes = match.groups()
    if kind not in _TYPES:
        raise InputError(
            f"expected annotations of type float16 or float32 (<f2 or <f4), found {kind}", file=name
        )
    return (
        kind,
        order == "True",
        tuple(int(each) for each in sizes.split(",") if each.strip()),
        start,
    )


def square_side(places: int) -> int | None:
    """Places a side, where annotations lie in a square; None where they cannot.

    >>> square_side(49), square_side(50)
    (7, None)
    """
    side = math.isqrt(places)
    return side if side * side == places else None
