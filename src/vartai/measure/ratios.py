"""Ratios of times that were taken round by round, and how sure they are."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Fewer rounds than this cannot bound a median with 95 % confidence: 2 · 0.5⁶ ≈ 0.03.
LEAST_ROUNDS = 6
_MISSED_EACH_SIDE = 0.025


@dataclass(frozen=True)
class Ratio:
    """A ratio of two times and its 95 % confidence interval.

    Args:
        value: median of the ratios of all rounds.
        low: lower end of the interval.
        high: upper end of the interval.
    """

    value: float
    low: float
    high: float


def paired_ratio(times: Sequence[float], base: Sequence[float]) -> Ratio:
    """How many times as long one work took as another, of which each round has one time.

    Both times of a round meet the same state of the machine, so the median of the rounds' ratios
    is steadier than the ratio of two medians. The interval is that of the sign test: it assumes
    nothing about how times are distributed, only that rounds do not depend on each other, and
    needs no random numbers.

    Args:
        times: ``[rounds]``. Seconds.
        base: ``[rounds]``. Seconds of the other work in the same rounds.

    Raises:
        ValueError: numbers of rounds differ, or there are fewer than `LEAST_ROUNDS`.

    Example:
        >>> paired_ratio([2.0, 4.0, 4.2, 3.8, 4.0, 9.0], [1.0, 2.0, 2.0, 2.0, 2.0, 2.0])
        Ratio(value=2.0, low=1.9, high=4.5)
    """
    if len(times) != len(base) or len(times) < LEAST_ROUNDS:
        raise ValueError(
            f"paired_ratio: expected equally many rounds, {LEAST_ROUNDS} at least, got "
            f"{len(times)} and {len(base)}"
        )
    ratios = sorted(one / other for one, other in zip(times, base, strict=True))
    outside = _ranks_outside(len(ratios))
    return Ratio(statistics.median(ratios), ratios[outside], ratios[-1 - outside])


def _ranks_outside(count: int) -> int:
    """How many of `count` sorted values lie below the interval of their median, and above it."""
    tail, rank = 0.0, 0
    while True:
        tail += math.comb(count, rank) / 2**count
        if tail > _MISSED_EACH_SIDE:
            return rank - 1
        rank += 1


def geometric_mean(values: Iterable[float]) -> float:
    """The mean for ratios: twice as fast and half as fast come to 1.

    >>> geometric_mean([2.0, 0.5])
    1.0
    """
    return statistics.geometric_mean(values)
