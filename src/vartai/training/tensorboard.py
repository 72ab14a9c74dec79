"""Events of a run for TensorBoard. The package is optional."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vartai.errors import MissingExtra, SaveError
from vartai.training.events import EpochDone, Event, Observer, StepDone

_STEPS_BETWEEN = 20


@contextmanager
def open_tensorboard(folder: Path) -> Iterator[Observer]:
    """An observer that writes scalars of training proper, counted in steps and in epochs.

    Args:
        folder: for the event files.

    Raises:
        MissingExtra: the package is not installed.
        SaveError: nothing can be written there.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise MissingExtra("TensorBoard", extra="tensorboard") from error
    try:
        writer = SummaryWriter(str(folder))
    except OSError as error:
        raise SaveError(f"{folder}: cannot be written: {error.strerror}") from error
    with writer:
        yield _Scalars(writer)


class _Scalars:
    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def __call__(self, event: Event) -> None:
        if event.stage != "training":
            return
        if isinstance(event, StepDone):
            step = (event.epoch - 1) * event.steps + event.step
            if event.step % _STEPS_BETWEEN == 0 or event.step == event.steps:
                self._add(step, {"step/loss": event.loss, "step/accuracy": event.accuracy})
                self._add(step, {"step/tokens_per_second": event.tokens_per_second})
        elif isinstance(event, EpochDone):
            self._add(event.epoch, {"loss/train": event.train_loss})
            self._add(event.epoch, {"loss/validation": event.valid_loss})
            self._add(event.epoch, {"accuracy/train": event.train_accuracy})
            if event.measure:
                self._add(event.epoch, {f"{event.measure}/validation": event.valid_score})
            self._writer.flush()

    def _add(self, step: int, values: dict[str, float | None]) -> None:
        for name, value in values.items():
            if value is None:
                continue
            self._writer.add_scalar(name, value, step)
