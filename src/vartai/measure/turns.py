"""Works that take turns in one process, again and again, each turn timed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

from vartai.measure.ratios import LEAST_ROUNDS

Work = Callable[[], object]

# A turn lasts at least this long: short works run several times in it.
_TURN = 0.002
# Threads of the turn before (torch's OpenMP, ONNX Runtime's) spin for some milliseconds before
# they sleep, and would take a processor from the next.
_REST = 0.005


def take_turns(works: Mapping[str, Work], *, seconds: float) -> dict[str, list[float]]:
    """Time works round by round; each runs once or more in every round, in changing order.

    The order changes, so that none has always the same one before it.

    Args:
        works: what to run, by name.
        seconds: how long to go on, all works together; but `LEAST_ROUNDS` rounds at least.

    Returns:
        Seconds of one run of each work in each round: ``[rounds]`` by name.
    """
    repeats = {name: _repeats(work) for name, work in works.items()}
    times: dict[str, list[float]] = {name: [] for name in works}
    order = list(works)
    shuffle = random.Random(0).shuffle
    rounds = 0
    end = time.perf_counter() + seconds
    while rounds < LEAST_ROUNDS or time.perf_counter() < end:
        shuffle(order)
        for name in order:
            times[name].append(_turn(works[name], repeats[name]))
        rounds += 1
    return times


def _repeats(work: Work) -> int:
    """Warm up, and tell how many runs make a turn."""
    for _ in range(3):
        took = _timed(work, 1)
        if took > _TURN:  # surely one run, even if the first is slow
            break
    return max(1, round(_TURN / took))


def _turn(work: Work, repeats: int) -> float:
    time.sleep(_REST)
    if repeats > 1:  # a long run warms its own caches
        work()
    return _timed(work, repeats)


def _timed(work: Work, repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - start) / repeats
