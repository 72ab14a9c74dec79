"""A size over distance: what became of a gradient, or of a memory, so many steps away."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vartai.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FADED, GONE = 1 / math.e, 0.01
"""Shares of the size at distance 0 that effective lengths are read at."""

EXPLODES_AT = 10.0
"""A mean that has grown so many times since distance 0, and was growing, is said to explode."""

# A distance that fewer of the texts reach is left out, or a single long text would draw the tail.
_REACHED_BY = 0.1
_LOW, _HIGH = 10, 90


class Sizes(NamedTuple):
    """One number for each pair of steps: ``[pairs]`` each.

    Attributes:
        text: which text the pair is of.
        distance: steps from the one to the other, at least 0.
        size: of the gradient.
    """

    text: Ints
    distance: Ints
    size: Floats


def join_sizes(parts: Sequence[Sizes]) -> Sizes:
    """All pairs of several measurements of different texts."""
    texts, distances, sizes = zip(*parts, strict=True)
    return Sizes(np.concatenate(texts), np.concatenate(distances), np.concatenate(sizes))


@dataclass(frozen=True, eq=False)
class Curve:
    """Sizes of a gradient by distance, over positions and texts.

    Args:
        mean: ``[K+1]``. Arithmetic mean at distances 0 to K.
        low: ``[K+1]``. A tenth of the sizes lie below it.
        median: ``[K+1]``.
        high: ``[K+1]``. A tenth of the sizes lie above it.
        error: ``[K+1]``. Standard error of the mean, from the means of the texts: pairs of one text
            are no independent observations. NaN where fewer than two texts reach.
        texts: ``[K+1]``. How many texts reach that far.
        pairs: ``[K+1]``. How many pairs of steps there were.
    """

    mean: Floats
    low: Floats
    median: Floats
    high: Floats
    error: Floats
    texts: Ints
    pairs: Ints

    @classmethod
    def of(cls, sizes: Sizes, *, texts: int, distance: int | None = None) -> Curve:
        """Sort by distance.

        Args:
            sizes: of all pairs.
            texts: how many texts there are; a distance that fewer than a tenth reach is left out.
            distance: longest one wanted; None for all.

        Raises:
            InputError: there is no pair at all.
        """
        if not len(sizes.size):
            raise InputError("expected texts with at least one token, found none")
        order = np.argsort(sizes.distance, kind="stable")
        edges = np.searchsorted(sizes.distance[order], np.arange(int(sizes.distance.max()) + 2))
        rows = []
        for k in range(len(edges) - 1):
            here = order[edges[k] : edges[k + 1]]
            row = _row(sizes.text[here], sizes.size[here])
            if k and (row[5] < _REACHED_BY * texts or (distance is not None and k > distance)):
                break
            rows.append(row)
        columns = [np.array(column) for column in zip(*rows, strict=True)]
        counts = [column.astype(np.int64) for column in columns[5:]]
        mean, low, median, high, error = columns[:5]
        return cls(mean, low, median, high, error, counts[0], counts[1])

    @property
    def longest(self) -> int:
        """K: the longest distance that was measured."""
        return len(self.mean) - 1

    @cached_property
    def relative(self) -> Floats:
        """``[K+1]``: the mean as a share of the mean at distance 0; NaN if that is 0."""
        if self.mean[0] == 0:
            return np.full(len(self.mean), np.nan)
        relative: Floats = self.mean / self.mean[0]
        return relative

    def length(self, share: float = FADED) -> float | None:
        """The distance at which the mean has fallen to a share of that at distance 0.

        Read off the curve, in a straight line between the logarithms of two neighbours; None if it
        does not fall so low within the distances measured. Nothing is extrapolated.
        """
        below = np.flatnonzero(self.relative <= share)
        if not len(below):
            return None
        after = int(below[0])
        old, new = self.relative[after - 1], self.relative[after]
        if new == 0:
            return float(after)
        return float(after - 1 + math.log(old / share) / math.log(old / new))

    @cached_property
    def growth(self) -> float | None:
        """Factor a step: what the mean is multiplied by, on average, from distance 1 on.

        The slope of the straight line nearest to the logarithms (least squares). None if fewer than
        two means are above 0.
        """
        distances = np.arange(1, len(self.mean))
        means = self.mean[1:]
        used = np.isfinite(means) & (means > 0)
        if used.sum() < 2:
            return None
        slope, _ = np.polyfit(distances[used], np.log(means[used]), 1)
        return float(np.exp(slope))

    @property
    def lost_at(self) -> int | None:
        """The first distance at which every gradient is exactly 0 or too small for its type."""
        zero = np.flatnonzero(self.mean == 0)
        return int(zero[0]) if len(zero) else None

    @cached_property
    def verdict(self) -> str:
        """What became of it, in one word of the four.

        ``explodes``: not finite, or at the longest distance 10 times that at distance 0 and more;
        ``vanishes``: fell below 1 %; ``fades``: fell below 1/e; ``holds``: neither. ``unknown``
        if there is no distance but 0, or nothing to begin with.
        """
        if not np.isfinite(self.mean).all():
            return "explodes"
        if self.longest == 0 or self.mean[0] == 0:
            return "unknown"
        if self.relative[-1] >= EXPLODES_AT:
            return "explodes"
        if self.length(GONE) is not None:
            return "vanishes"
        return "holds" if self.length(FADED) is None else "fades"

    def facts(self) -> dict[str, Any]:
        """All numbers, as JSON values; null for what is not there."""
        return {
            "longest": self.longest,
            "verdict": self.verdict,
            "growth": self.growth,
            "length": self.length(FADED),
            "length_to_one_percent": self.length(GONE),
            "lost_at": self.lost_at,
            "mean": finite(self.mean),
            "low": finite(self.low),
            "median": finite(self.median),
            "high": finite(self.high),
            "standard_error": finite(self.error),
            "texts": self.texts.tolist(),
            "pairs": self.pairs.tolist(),
        }


def finite(values: Floats) -> list[float | None]:
    """Numbers as JSON and figures take them: None for one that is not finite."""
    return [float(value) if math.isfinite(value) else None for value in values]


def _row(text: Ints, size: Floats) -> tuple[float, ...]:
    """Mean, low, median, high, error, texts and pairs of one distance."""
    if not len(size):
        return (math.nan,) * 5 + (0, 0)
    _, which = np.unique(text, return_inverse=True)
    pairs = np.bincount(which)
    error = math.nan
    # What explodes is infinite, and its spread is not a number; that is said, not warned of.
    with np.errstate(invalid="ignore", over="ignore"):
        means = np.bincount(which, size) / pairs
        if len(means) > 1:
            error = float(means.std(ddof=1) / math.sqrt(len(means)))
        low, median, high = np.percentile(size, [_LOW, 50, _HIGH], method="nearest")
        mean = float(size.mean())
    return mean, float(low), float(median), float(high), error, len(means), len(size)
