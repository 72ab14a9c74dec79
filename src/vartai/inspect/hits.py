"""The best few of very many places in texts; places that are one and the same count once."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_AROUND = 60


class Hit(NamedTuple):
    """A stretch of a corpus.

    Args:
        score: larger is better.
        line: of the file that its text begins on.
        start: first character in the text.
        end: the character after its last.
        before: some of what stands before it.
        text: the stretch itself.
        after: some of what follows.
        tokens: how many it has.
    """

    score: float
    line: int
    start: int
    end: int
    before: str
    text: str
    after: str
    tokens: int


@dataclass(frozen=True)
class Spot:
    """Where a hit is, before its text is looked at: tokens ``[first, last]`` of a batch's text."""

    score: float
    text: int
    first: int
    last: int


class BestHits:
    """The best so many hits, in constant memory.

    Args:
        count: how many.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._heap: list[tuple[float, int, Hit]] = []
        self._seen = 0

    @property
    def floor(self) -> float:
        """A score that is not above this can be passed over."""
        return self._heap[0][0] if len(self._heap) == self._count else float("-inf")

    def add(self, hit: Hit) -> None:
        """Keep a hit if it is among the best; of equal ones the earlier."""
        self._seen += 1
        entry = (hit.score, -self._seen, hit)
        if len(self._heap) < self._count:
            heapq.heappush(self._heap, entry)
        elif entry > self._heap[0]:
            heapq.heapreplace(self._heap, entry)

    def ranked(self) -> list[Hit]:
        """Best first."""
        return [hit for *_, hit in sorted(self._heap, reverse=True)]


def best_spots(
    scores: NDArray[np.float64],
    lengths: NDArray[np.int64],
    *,
    span: int,
    count: int,
    floor: float,
) -> list[Spot]:
    """The best tokens of a batch, without those less than `span` (or 2) tokens from a better one.

    Args:
        scores: ``[N]`` of all tokens; ``-inf`` for one that is no place.
        lengths: tokens of each text.
        span: tokens of a stretch that ends with each.
        count: most that are wanted.
        floor: only scores above it are.
    """
    ends = np.cumsum(lengths)
    text_of = np.repeat(np.arange(len(lengths)), lengths)
    left = np.flatnonzero(scores > floor)
    order = left[np.argsort(-scores[left], kind="stable")]
    taken: dict[int, list[int]] = {}
    spots: list[Spot] = []
    for place in order.tolist():
        text = int(text_of[place])
        if any(abs(at - place) < max(span, 2) for at in taken.get(text, ())):
            continue
        if len(spots) == count:
            break
        taken.setdefault(text, []).append(place)
        last = place - int(ends[text] - lengths[text])
        spots.append(Spot(float(scores[place]), text, last - span + 1, last))
    return spots


def shown(spot: Spot, line: int, text: str, bounds: Sequence[tuple[int, int]]) -> Hit:
    """A spot with its text.

    Args:
        spot: where.
        line: of the text.
        text: the text.
        bounds: characters ``[start, end)`` of each of its tokens.
    """
    start, end = bounds[spot.first][0], bounds[spot.last][1]
    return Hit(
        score=spot.score,
        line=line,
        start=start,
        end=end,
        before=text[max(0, start - _AROUND) : start],
        text=text[start:end],
        after=text[end : end + _AROUND],
        tokens=spot.last - spot.first + 1,
    )
