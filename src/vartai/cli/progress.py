"""Progress of training: a bar on a terminal, plain lines elsewhere; always on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from vartai.training.duration import format_duration
from vartai.training.events import EpochDone, Event, Observer, StepDone, Stopped

_SECONDS_BETWEEN_LINES = 30.0

_REASONS = {
    "epochs": "all epochs are done",
    "patience": "validation has not become better for a while",
    "time": "the time is up",
    "interrupted": "interrupted",
}


@contextmanager
def show_progress() -> Iterator[Observer]:
    """An observer that shows what it is told."""
    console = Console(file=sys.stderr, highlight=False, markup=False)
    if not console.is_terminal:
        yield _Lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[numbers]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bar(progress)


class _Lines:
    """A line after every epoch; in a long one, a line every half minute."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepDone):
            if time.monotonic() - self._last < _SECONDS_BETWEEN_LINES:
                return
            self._say(f"{_epoch(event)}, step {event.step}/{event.steps}: {describe_step(event)}")
        elif isinstance(event, EpochDone):
            self._say(describe_epoch(event))
        else:
            self._say(describe_end(event))

    def _say(self, line: str) -> None:
        self._last = time.monotonic()
        print(line, file=sys.stderr, flush=True)


class _Bar:
    """A bar for the epoch under way; below it nothing, above it a line for each epoch done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID = progress.add_task("epoch 1", total=None, numbers="")

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepDone):
            self._progress.update(
                self._task,
                description=_epoch(event),
                completed=event.step,
                total=event.steps,
                numbers=describe_step(event),
            )
        elif isinstance(event, EpochDone):
            self._progress.console.print(describe_epoch(event))
        else:
            self._progress.console.print(describe_end(event))
            if event.stage == "training" or event.reason == "interrupted":
                self._progress.stop()


def describe_step(event: StepDone) -> str:
    """Loss, accuracy, speed and time left, in a line."""
    return (
        f"loss {event.loss:.3f}{_share(event.accuracy)}, "
        f"{event.tokens_per_second:,.0f} tokens/s, {format_duration(event.seconds_left)} left"
    )


def describe_epoch(event: EpochDone) -> str:
    """What an epoch came to, in a line."""
    kept = ", kept" if event.best else ""
    score = f", {event.measure} {event.valid_score:.3f}" if event.measure else ""
    return (
        f"{_epoch(event)}: loss {event.train_loss:.3f}{_share(event.train_accuracy)}; "
        f"validation loss {event.valid_loss:.3f}{score}{kept} ({format_duration(event.seconds)})"
    )


def _epoch(event: StepDone | EpochDone) -> str:
    stage = "" if event.stage == "training" else f"{event.stage}, "
    return f"{stage}epoch {event.epoch}/{event.epochs}"


def _share(right: float | None) -> str:
    return "" if right is None else f", accuracy {right:.3f}"


def describe_end(event: Stopped) -> str:
    """When and why training ended, in a line."""
    return f"{event.stage} ended after {format_duration(event.seconds)}: {_REASONS[event.reason]}"
