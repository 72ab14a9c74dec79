"""Tensors from files of other programs: safetensors, and torch's own, of which nothing is executed.

A `.pt` file is a ZIP archive with a pickle in it. It is opened by `torch.load(weights_only=True)`,
which knows tensors and plain containers alone, after the archive has been found to hold no more
than its own size; what comes out must be a mapping of names to tensors.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy
import torch
from numpy.typing import NDArray
from torch import Tensor

from vartai.bundle.tensors import require_finite
from vartai.bundle.weights_layout import HEAD, require_layout
from vartai.errors import BundleError, InputError

MOST_BYTES = 2 << 30
_MOST_MEMBERS = 10_000
_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
_REFUSED = (
    "holds something else than tensors, which could run code, so it is not opened; save "
    "model.state_dict() with torch.save, or as safetensors"
)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Every tensor of a file by name, float32.

    Args:
        path: a `.safetensors`, `.pt` or `.pth` file.

    Raises:
        InputError: the file cannot be read, is too large, damaged, or holds more than tensors of
            finite numbers; names it and the fault.
    """
    readers = {".safetensors": _read_safetensors, ".pt": _read_torch, ".pth": _read_torch}
    if path.suffix.lower() not in readers:
        raise InputError(
            f"expected a file of tensors, {', '.join(sorted(readers))}; found {path.suffix!r}",
            file=str(path),
        )
    size = require_file(path)
    try:
        found = readers[path.suffix.lower()](path, size)
        require_finite({name: value.numpy() for name, value in found.items()}, where=str(path))
    except BundleError as error:
        raise InputError(str(error)) from error
    return found


def require_file(path: Path) -> int:
    """The size of an ordinary file.

    Raises:
        InputError: there is none, or it is larger than `MOST_BYTES`.
    """
    try:
        if not path.is_file():
            raise InputError("expected a file, there is none", file=str(path))
        size = path.stat().st_size
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from error
    if size > MOST_BYTES:
        raise InputError(f"{size:,} bytes, at most {MOST_BYTES:,} are read", file=str(path))
    return size


def _read_safetensors(path: Path, size: int) -> dict[str, Tensor]:
    with path.open("rb") as stream:
        head = stream.read(HEAD)
        require_layout(head, size=size, place=str(path))
        raw = head + stream.read()
    try:
        found: Mapping[str, NDArray[Any]] = safetensors.numpy.load(raw)
    except safetensors.SafetensorError as error:
        raise InputError(f"not readable as safetensors: {error}", file=str(path)) from error
    kept = {name: array for name, array in found.items() if array.dtype.kind == "f"}
    return {name: torch.from_numpy(array.astype(np.float32)) for name, array in kept.items()}


def _read_torch(path: Path, size: int) -> dict[str, Tensor]:
    held = _require_archive(path, size)
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        # Its text advises to load the file all the same, which is just what must not be done.
        raise InputError(_REFUSED, file=str(path)) from error
    if not isinstance(found, Mapping) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in found.items()
    ):
        raise InputError(_not_flat(found), file=str(path))
    _require_own_size(found, held, path)
    kept = {name: value for name, value in found.items() if value.dtype in _FLOATS}
    return {name: value.detach().float().contiguous() for name, value in kept.items()}


def _require_archive(path: Path, size: int) -> int:
    """Bytes that the members of the archive hold, none of them compressed.

    Raises:
        InputError: no archive, or one that would grow when it is opened.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(
            "not an archive as torch.save writes it (since torch 1.6), or damaged", file=str(path)
        ) from error
    if len(members) > _MOST_MEMBERS:
        raise InputError(
            f"{len(members):,} parts in the archive, at most {_MOST_MEMBERS:,} are read",
            file=str(path),
        )
    held = sum(member.file_size for member in members)
    if held > size or any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise InputError(
            f"its parts take {held:,} bytes and the file {size:,}: an archive that grows when it "
            "is opened is none of torch's",
            file=str(path),
        )
    return held


def _require_own_size(found: Mapping[str, Tensor], held: int, path: Path) -> None:
    """Refuse tensors that are larger than the file, by strides or by what they claim of it."""
    for name, value in found.items():
        plain = value.layout == torch.strided and value.device.type == "cpu"
        if not plain or value.is_quantized or value.is_complex():
            raise InputError(f"tensor {name[:80]!r} is not a plain one", file=str(path))
        storage = value.untyped_storage().nbytes()
        if max(value.numel() * value.element_size(), storage) > held:
            raise InputError(
                f"tensor {name[:80]!r} of shape {list(value.shape)} needs more bytes than the file "
                "has",
                file=str(path),
            )


def _not_flat(found: object) -> str:
    if isinstance(found, Mapping):
        inner = [str(name)[:40] for name, value in found.items() if isinstance(value, Mapping)]
        if inner:
            return (
                "expected names and tensors; they seem to be one level further down, in "
                f"{', '.join(inner[:5])}: save that part by itself"
            )
    return f"expected a mapping of names to tensors, found {type(found).__name__}"
