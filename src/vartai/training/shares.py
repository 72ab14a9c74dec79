"""How far chance moves a share of things counted right."""

from __future__ import annotations

import math


def standard_error(share: float, count: int) -> float:
    """Of a share of `count` things that are right or wrong independently.

    >>> standard_error(0.5, 100)
    0.05
    """
    return math.sqrt(share * (1 - share) / count)
