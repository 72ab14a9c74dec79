"""So many requests a second from one address: a bucket of tokens each."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

_KEPT = 10_000
"""Addresses; the one that was silent longest is forgotten, and begins with a full bucket."""


class Rate:
    """Bounds the requests of each address.

    Args:
        rate: requests a second; an idle second's may come at once, one at least.
        clock: in seconds.
    """

    def __init__(self, rate: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._most = max(1.0, rate)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Count a request; 0 if it may be done, else the seconds until one may."""
        now = self._clock()
        tokens, then = self._buckets.pop(address, (self._most, now))
        tokens = min(self._most, tokens + (now - then) * self.rate)
        allowed = tokens >= 1
        self._buckets[address] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > _KEPT:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / self.rate
