r"""A stream's state as a value, and as bytes that another process can go on from.

    8 bytes   b"VARTAIST"
    4 bytes   version, little-endian
    4 bytes   length of the header
    …         header: a JSON object with the model's digest, the place and the arrays' names,
              types and shapes
    …         the arrays, one after another, little-endian, in the order of the header
    32 bytes  SHA-256 of all before it

The digest finds accidents, not attacks: who keeps states where others can write must sign them.
Everything is checked against the model before memory is taken.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.bundle.strict_json import parse_object
from vartai.errors import BundleError, OptionError
from vartai.stream.live import LiveModel, Place
from vartai.stream.place_json import LONGEST_HEADER, place_from_json, place_to_json
from vartai.stream.rows import Field, Rows

MAGIC = b"VARTAIST"
VERSION = 1
_DIGEST = 32
_TYPES = {torch.float32: "<f4", torch.float64: "<f8", torch.int64: "<i8"}


@dataclass(frozen=True, eq=False)
class StreamState:
    """Where a stream stands.

    Args:
        model: digest of the model that it belongs to.
        place: all but the numbers.
        arrays: by name; see `vartai.stream.rows.Field`.
    """

    model: str
    place: Place
    arrays: Mapping[str, NDArray[Any]]

    def to_bytes(self) -> bytes:
        """As it can be stored or sent."""
        described = [
            [name, array.dtype.newbyteorder("<").str, list(array.shape)]
            for name, array in self.arrays.items()
        ]
        header = {"model": self.model, "place": place_to_json(self.place), "arrays": described}
        raw = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        numbers = [
            array.astype(array.dtype.newbyteorder("<")).tobytes() for array in self.arrays.values()
        ]
        head = MAGIC + VERSION.to_bytes(4, "little") + len(raw).to_bytes(4, "little")
        body = b"".join([head, raw, *numbers])
        return body + hashlib.sha256(body).digest()

    @classmethod
    def from_bytes(cls, blob: bytes, *, of: LiveModel[Any]) -> StreamState:
        """Read what `to_bytes` wrote.

        Args:
            blob: the bytes, from anywhere.
            of: the model whose streams are to go on from it.

        Raises:
            BundleError: they are no state, damaged, of another version or of another model; the
                text names the fault.
        """
        body = _checked_body(blob, of)
        size = int.from_bytes(body[12:16], "little")
        if size > min(LONGEST_HEADER, len(body) - 16):
            raise _fault(f"a header of {size:,} bytes does not fit")
        header = parse_object(body[16 : 16 + size], place="stream state")
        if set(header) != {"model", "place", "arrays"}:
            raise _fault(f"expected model, place and arrays, found {', '.join(sorted(header))}")
        if header["model"] != of.digest:
            raise _fault(
                f"it belongs to the model {str(header['model'])[:16]}, and this one is "
                f"{of.digest[:16]}"
            )
        fields = of.reader.fields
        if header["arrays"] != [_described(field) for field in fields]:
            raise _fault(f"its arrays are not {', '.join(field.name for field in fields)}")
        arrays = _read_arrays(body[16 + size :], fields)
        return cls(of.digest, place_from_json(header["place"], of), arrays)


def longest_state(model: LiveModel[Any]) -> int:
    """Most bytes that a state of a model can have."""
    return 16 + LONGEST_HEADER + _bytes_of(model.reader.fields) + _DIGEST


def restored_rows(state: StreamState, model: LiveModel[Any]) -> Rows:
    """The rows of a stream that stands where the state was taken.

    Raises:
        OptionError: the state is one of another model.
    """
    if state.model != model.digest:
        raise OptionError(
            f"expected a state of the model {model.digest[:16]}, found one of {state.model[:16]}"
        )
    return tuple(
        [
            torch.from_numpy(np.array(state.arrays[field.name])[None]).clone()
            for field in model.reader.fields
        ]
    )


def _checked_body(blob: bytes, model: LiveModel[Any]) -> bytes:
    longest = longest_state(model)
    if len(blob) > longest:
        raise _fault(f"expected at most {longest:,} bytes, found {len(blob):,}")
    if blob[:8] != MAGIC:
        raise _fault(f"expected it to begin with {MAGIC!r}, found {blob[:8]!r}")
    version = int.from_bytes(blob[8:12], "little")
    if version != VERSION:
        raise _fault(f"expected version {VERSION}, found {version}")
    if len(blob) < 16 + _DIGEST:
        raise _fault(f"expected at least {16 + _DIGEST} bytes, found {len(blob)}")
    body, digest = blob[:-_DIGEST], blob[-_DIGEST:]
    if hashlib.sha256(body).digest() != digest:
        raise _fault("its digest is wrong: it was damaged or cut off")
    return body


def _described(field: Field) -> list[Any]:
    return [field.name, _TYPES[field.dtype], list(field.shape)]


def _bytes_of(fields: tuple[Field, ...]) -> int:
    return sum(_count(field) * field.dtype.itemsize for field in fields)


def _count(field: Field) -> int:
    count = 1
    for size in field.shape:
        count *= size
    return count


def _read_arrays(raw: bytes, fields: tuple[Field, ...]) -> dict[str, NDArray[Any]]:
    if len(raw) != _bytes_of(fields):
        raise _fault(f"expected {_bytes_of(fields):,} bytes of numbers, found {len(raw):,}")
    arrays, place = {}, 0
    for field in fields:
        count = _count(field)
        kind = np.dtype(_TYPES[field.dtype])
        array = np.frombuffer(raw, kind, count, place).reshape(field.shape)
        place += count * kind.itemsize
        if not np.isfinite(array).all():
            raise _fault(f"{field.name} holds numbers that are not finite")
        if field.dtype is torch.int64 and array.size:
            most = field.shape[-1]
            if array.min() < 0 or array.max() >= most:
                raise _fault(f"{field.name} should hold numbers from 0 to {most - 1}")
        arrays[field.name] = array.astype(kind.newbyteorder("="))
    return arrays


def _fault(problem: str) -> BundleError:
    return BundleError(f"stream state: {problem}")
