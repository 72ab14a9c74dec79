"""A text that goes round in circles, as greedy choice often ends: found, so that it can be said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_TIMES = 3
_LEAST = 24


class Cycle(NamedTuple):
    """The same tokens again and again at the end of a sequence.

    Args:
        period: tokens of one round.
        times: whole rounds.
    """

    period: int
    times: int


def find_cycle(tokens: Sequence[int]) -> Cycle | None:
    """The shortest cycle at the end of a sequence, of three rounds and 24 tokens at least.

    Example:
        >>> find_cycle([5, 6] + [1, 2, 3] * 8)
        Cycle(period=3, times=8)
    """
    count = len(tokens)
    for period in range(1, count // _TIMES + 1):
        length = period
        while length < count and tokens[count - 1 - length] == tokens[count - 1 - length + period]:
            length += 1
        if length >= max(_TIMES * period, _LEAST):
            return Cycle(period, length // period)
    return None
