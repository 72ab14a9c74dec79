"""A run's log: one JSON object a line, for programs and for looking at afterwards."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from vartai.errors import SaveError
from vartai.training.events import Event, Observer, StepDone

_SECONDS_BETWEEN_STEPS = 1.0


@contextmanager
def open_log(path: Path, *, resume: bool) -> Iterator[Observer]:
    """An observer that writes what it is told: every epoch, and of the steps about one a second.

    Args:
        path: of the file.
        resume: write after what is there; else the file begins anew.

    Raises:
        SaveError: the file cannot be written.
    """
    try:
        with path.open("a" if resume else "w", encoding="utf-8") as file:
            yield _Log(file)
    except OSError as error:
        if error.filename not in (None, str(path)):
            raise
        raise SaveError(f"{path}: the log could not be written: {error.strerror}") from error


class _Log:
    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._last = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepDone):
            if time.monotonic() - self._last < _SECONDS_BETWEEN_STEPS:
                return
            self._last = time.monotonic()
        line = json.dumps({"event": type(event).__name__, **asdict(event)})
        self._file.write(f"{line}\n")
        self._file.flush()
