"""Computing takes turns: one model run at a time, and a short line before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

from vartai.errors import RunError, require_range


class BusyError(RunError):
    """Too many requests wait already; the application answers 503."""


class Turns:
    """Lets one request compute and a few wait; more would only grow memory and delay.

    Args:
        waiting: how many may wait beside the one that computes.
    """

    def __init__(self, waiting: int) -> None:
        require_range("waiting", waiting, at_least=0)
        self.waiting = waiting
        self._line = BoundedSemaphore(waiting + 1)
        self._computing = Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn.

        Raises:
            BusyError: the line is full.
        """
        if not self._line.acquire(blocking=False):
            raise BusyError(f"busy: {self.waiting} requests wait already; try again")
        try:
            with self._computing:
                yield
        finally:
            self._line.release()
