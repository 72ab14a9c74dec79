"""The best spans of a sequence by the scores of their two ends: legal, and none on top of another.

A span (i, j) is legal if i ≤ j < i + longest; its score is ``start[i] + end[j]``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class ScoredSpan(NamedTuple):
    """A span of steps, `last` included, and its score."""

    first: int
    last: int
    score: float


def best_spans(start: Floats, end: Floats, *, longest: int, count: int) -> list[ScoredSpan]:
    """The best spans, best first, of which none overlaps a better one.

    Of equal scores the earlier span wins, then the shorter one.

    Args:
        start: ``[T]``. Score of each step as the first of a span.
        end: ``[T]``. Score of each step as the last.
        longest: most steps in a span.
        count: how many spans are wanted; there may be fewer.

    Example:
        >>> start, end = np.array([0.0, 3.0, 0.0]), np.array([5.0, 0.0, 1.0])
        >>> best_spans(start, end, longest=2, count=2)
        [ScoredSpan(first=0, last=0, score=5.0), ScoredSpan(first=1, last=2, score=4.0)]
    """
    steps = len(start)
    width = min(longest, steps)
    if width == 0:
        return []
    past = np.concatenate([end, np.full(width - 1, -np.inf)])
    scores = start[:, None] + np.lib.stride_tricks.sliding_window_view(past, width)
    chosen: list[ScoredSpan] = []
    while len(chosen) < count:
        flat = int(scores.argmax())
        first, offset = divmod(flat, width)
        if scores[first, offset] == -np.inf:
            break
        last = first + offset
        chosen.append(ScoredSpan(first, last, float(scores[first, offset])))
        _forbid(scores, first, last, width)
    return chosen


def _forbid(scores: Floats, first: int, last: int, width: int) -> None:
    """Take out every span that shares a step with this one."""
    scores[first : last + 1] = -np.inf
    for begin in range(max(0, first - width + 1), first):
        scores[begin, first - begin :] = -np.inf
