"""Ctrl-C as a wish to stop, not a crash."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopWish:
    """Whether someone asked the run to stop."""

    def __init__(self) -> None:
        self.made = False


@contextmanager
def listen_for_interrupt() -> Iterator[StopWish]:
    """Turn the first Ctrl-C (or SIGTERM) into a `StopWish`; the second one acts at once.

    Outside the main thread, where Python delivers no signals, nobody listens.
    """
    wish = StopWish()
    if threading.current_thread() is not threading.main_thread():
        yield wish
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def note(_number: int, _frame: FrameType | None) -> None:
        wish.made = True
        for each, handler in before.items():
            signal.signal(each, handler)

    for number in before:
        signal.signal(number, note)
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
