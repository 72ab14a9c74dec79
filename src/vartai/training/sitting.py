"""What surrounds a training run without deciding its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from vartai.training.events import Observer
from vartai.training.processes import Processes


def ignore(_: object) -> None:
    """Listen to nothing."""


@dataclass(frozen=True)
class Sitting:
    """What surrounds a run without deciding its result.

    Args:
        observer: told of every step and epoch.
        note: told, in a sentence each, what was found on the way.
        processes: those that train together.
        checkpoint: where an interrupted run can be resumed from.
        resume: go on from there.
    """

    observer: Observer = ignore
    note: Callable[[str], None] = ignore
    processes: Processes = field(default_factory=Processes)
    checkpoint: Path | None = None
    resume: bool = False

    @property
    def resume_training(self) -> bool:
        """Whether there is a checkpoint of training proper to go on from.

        A run that was interrupted before training proper began has none yet.
        """
        return self.resume and self.checkpoint is not None and self.checkpoint.exists()
