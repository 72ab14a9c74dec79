"""How fast training goes, and how long it will take."""

from __future__ import annotations


class Rate:
    """Speed since this sitting's part of an epoch began, and what is left at that speed.

    Args:
        epoch: from 0.
        batch: the first one of this sitting.
        seconds: on the clock of the run, now.
    """

    def __init__(self, *, epoch: int, batch: int, seconds: float) -> None:
        self._epoch = epoch
        self._first = batch
        self._began = seconds
        self._tokens = 0.0
        self._steps = 0

    def add(self, tokens: float) -> None:
        """Count a step that read so many tokens."""
        self._tokens += tokens
        self._steps += 1

    def estimate(self, seconds: float, steps: int, epochs: int) -> tuple[float, float]:
        """Tokens a second, and seconds until the last epoch ends."""
        passed = max(1e-9, seconds - self._began)
        done = self._first + self._steps
        left = (steps - done) + steps * (epochs - self._epoch - 1)
        return self._tokens / passed, left * passed / max(1, self._steps)
