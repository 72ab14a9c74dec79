"""Whether the tensors of a saved model are the ones that its configuration calls for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vartai.errors import BundleError

Arrays = Mapping[str, np.ndarray[Any, Any]]


def require_tensors(
    expected: Mapping[str, tuple[int, ...]],
    tensors: Arrays,
    where: str,
    *,
    dtype: str = "float32",
) -> None:
    """Check names, shapes, type and values; every fault is named, not only the first.

    Args:
        expected: name → shape.
        tensors: name → array, as read.
        where: the file or folder they came from, for the message.
        dtype: NumPy name of the type that all of them must have.

    Raises:
        BundleError: a tensor is missing, unexpected, of another shape or type, or holds a value
            that is not finite.

    Example:
        >>> require_tensors({"bias": (2,)}, {"bias": np.zeros(3, np.float32)}, "model")
        Traceback (most recent call last):
            ...
        vartai.errors.BundleError: model: tensor 'bias' has shape (3,), expected (2,)
    """
    faults = [f"tensor {name!r} is missing" for name in expected if name not in tensors]
    faults += [f"tensor {name[:80]!r} is not expected" for name in tensors if name not in expected]
    for name, shape in expected.items():
        if name in tensors:
            faults += _faults(name, tensors[name], shape, dtype)
    if faults:
        more = f" (and {len(faults) - 5} more)" if len(faults) > 5 else ""
        raise BundleError(f"{where}: {'; '.join(faults[:5])}{more}")


def require_finite(tensors: Arrays, *, where: str) -> None:
    """Refuse NaN and infinity.

    Raises:
        BundleError: names the first tensor that holds one, and where in it.
    """
    for name, array in tensors.items():
        fault = _not_finite(array)
        if fault:
            raise BundleError(f"{where}: tensor {name!r} {fault}")


def _faults(
    name: str, array: np.ndarray[Any, Any], shape: tuple[int, ...], dtype: str
) -> list[str]:
    found = []
    if array.shape != shape:
        found.append(f"tensor {name!r} has shape {array.shape}, expected {shape}")
    if array.dtype != np.dtype(dtype):
        found.append(f"tensor {name!r} has type {array.dtype}, expected {dtype}")
    fault = _not_finite(array)
    return [*found, f"tensor {name!r} {fault}"] if fault else found


def _not_finite(array: np.ndarray[Any, Any]) -> str | None:
    """`holds nan at (3, 1)`, or nothing if all is well."""
    if array.dtype.kind != "f":
        return None
    finite = np.isfinite(array)
    if finite.all():
        return None
    first = np.unravel_index(int(np.argmin(finite)), array.shape)
    return f"holds {array[first]} at {tuple(int(i) for i in first)}"
