"""One column of values, whatever holds it: a list, or an array, series or frame of any library.

No library is imported for this: each value holder is known by the methods it has.
"""

from __future__ import annotations

from collections.abc import Sequence, Sized
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vartai.errors import InputError

_LISTERS = ("to_pylist", "to_list", "tolist")  # pyarrow; pandas and polars; numpy


def read_column(values: object, *, name: str) -> list[Any]:
    """The values of one column, in order.

    Args:
        values: a list or tuple; an array ``[n]`` or ``[n, 1]``, or what says how to become one; a
            pandas or polars series; a pyarrow array; a frame or table of one column. An index is
            not looked at.
        name: of the argument, for messages.

    Raises:
        InputError: it is something else, such as a single text, or has several columns.
    """
    values = _only_column(values, name)
    if isinstance(values, str | bytes):
        raise InputError(
            f"{name}: expected a list, array or series, found a single {type(values).__name__}"
        )
    if isinstance(values, list | tuple):
        return list(values)
    for lister in _LISTERS:
        if hasattr(values, lister):
            listed = getattr(values, lister)()
            if isinstance(listed, list):
                return listed
    if hasattr(values, "__array__") and not isinstance(values, np.ndarray):
        return read_column(np.asarray(values), name=name)
    raise InputError(f"{name}: expected a list, array or series, found {type(values).__name__}")


def keep_type(values: object, listed: Sequence[object]) -> NDArray[Any]:
    """``[n]``. The values as an array of the type that they came in, if they came in an array."""
    if hasattr(values, "__array__"):
        column: NDArray[Any] = np.asarray(values)
        return column.reshape(-1)
    return np.array(listed)


def require_same_length(texts: Sized, labels: Sized, *, name: str) -> None:
    """Refuse labels that do not go with the texts, one each.

    Raises:
        InputError: their numbers differ.
    """
    if len(texts) != len(labels):
        raise InputError(
            f"{name}: expected a label for each text, found {len(texts):,} texts "
            f"and {len(labels):,} labels"
        )


def _only_column(values: object, name: str) -> Any:
    """The one column of a frame, table or ``[n, 1]`` array; anything else as it came."""
    shape = getattr(values, "shape", ())
    if not isinstance(shape, tuple) or len(shape) != 2:
        return values
    if shape[1] != 1:
        raise InputError(f"{name}: expected one column, found {shape[1]} (shape {shape})")
    if isinstance(values, np.ndarray):
        return values[:, 0]
    names = getattr(values, "column_names", None) or getattr(values, "columns", None)
    if names is None:
        return values
    frame: Any = values
    return frame[names[0]]
