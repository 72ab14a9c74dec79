"""A share with the interval in which it would lie on other texts of the same kind."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import binomtest

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Share:
    """How many of how many, with Wilson's interval of 95 % (Wilson 1927).

    Attributes:
        count: of those that are.
        of: of all; at least 1.
        low: end of the interval, a share.
        high: its other end.
    """

    count: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself."""
        return self.count / self.of


def share(count: int, of: int) -> Share | None:
    """A share with its interval; None of nothing.

    >>> share(8, 10)
    Share(count=8, of=10, low=0.4901624715, high=0.9433178485)
    """
    if of == 0:
        return None
    ends = binomtest(count, of).proportion_ci(CONFIDENCE, method="wilson")
    return Share(count, of, round(float(ends.low), 10), round(float(ends.high), 10))
