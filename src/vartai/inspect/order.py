"""Orders of units: the ones worth looking at first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vartai.errors import unknown_name

Floats = NDArray[np.floating[Any]]

# How near to its ends a value counts as saturated, as a share of its range.
NEAR = 0.1


def saturation(values: Floats) -> NDArray[np.float64]:
    """``[U]``. Share of tokens at which each unit is near an end of its range.

    Args:
        values: ``[T, U]``. Of a gate, from 0 to 1; or of a state or candidate, from -1 to 1, which
            is told by a value below 0. What lies beyond the range, such as a cell, is near its end.

    Example:
        >>> saturation(np.array([[0.99, 0.5], [0.02, 0.4]])).tolist()
        [1.0, 0.0]
    """
    signed = bool((values < 0).any())
    low, high = (-1 + 2 * NEAR, 1 - 2 * NEAR) if signed else (NEAR, 1 - NEAR)
    share: NDArray[np.float64] = ((values <= low) | (values >= high)).mean(0)
    return share


def _variance(values: Floats) -> Floats:
    found: Floats = values.var(0)
    return found


_MEASURES: dict[str, Callable[[Floats], Floats]] = {
    "variance": _variance,
    "saturation": saturation,
}

ORDERS = ("index", *_MEASURES)
"""Names of the orders."""


def order_units(values: Floats, by: str) -> list[int]:
    """The units, those with most of a measure first; equal ones by number.

    Args:
        values: ``[T, U]``. Of a state or gate.
        by: one of `ORDERS`; ``index`` leaves the units as they are.

    Raises:
        OptionError: an unknown order; lists the known ones.

    Example:
        >>> order_units(np.array([[0.0, 1.0, 5.0], [0.0, 2.0, 9.0]]), "variance")
        [2, 1, 0]
    """
    if by == "index":
        return list(range(values.shape[1]))
    if by not in _MEASURES:
        raise unknown_name("order", by, ORDERS)
    return strongest_first(_MEASURES[by](values))


def strongest_first(measure: Floats) -> list[int]:
    """Places of ``[U]`` numbers, the largest first; equal ones by place."""
    order: list[int] = np.argsort(-measure, kind="stable").tolist()
    return order
