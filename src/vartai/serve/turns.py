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
        patience: seconds that one may wait; None for as long as it takes.
    """

    def __init__(self, waiting: int, *, patience: float | None = None) -> None:
        require_range("waiting", waiting, at_least=0)
        self.waiting = waiting
        self.patience = patience
        self._line = BoundedSemaphore(waiting + 1)
        self._computing = Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn.

        Raises:
            BusyError: the line is full, or did not move in time.
        """
        if not self._line.acquire(blocking=False):
            raise BusyError(f"busy: {self.waiting} requests wait already; try again")
        try:
            limit = -1 if self.patience is None else self.patience
            if not self._computing.acquire(timeout=limit):
                raise BusyError(f"busy: not begun within {limit:g} seconds; try again")
            try:
                yield
            finally:
                self._computing.release()
        finally:
            self._line.release()
