"""What a training run tells whoever listens: plain values, in the order they happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class StepDone:
    """After a step of the optimiser.

    Args:
        stage: ``training``, or what comes before it, such as ``pretraining``.
        epoch: from 1.
        epochs: that there will be at most.
        step: steps done in this epoch.
        steps: steps in this epoch.
        loss: mean over the epoch so far, nats a unit of the task.
        accuracy: share of the epoch's units so far that were predicted right, in training mode;
            None where nobody counts them.
        tokens_per_second: over the epoch so far, all processes together.
        seconds_left: estimate for all epochs, or until the time limit if that is sooner.
    """

    stage: str
    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    accuracy: float | None
    tokens_per_second: float
    seconds_left: float


@dataclass(frozen=True)
class EpochDone:
    """After an epoch, or the part of it that the time allowed, and its validation.

    Args:
        stage: ``training``, or what comes before it, such as ``pretraining``.
        epoch: from 1.
        epochs: that there will be at most.
        train_loss: nats a unit of the task, in training mode.
        train_accuracy: share of units predicted right, in training mode; None where nobody counts.
        valid_loss: nats a unit.
        valid_score: what the epoch is chosen by; higher is better.
        measure: what that is; empty where it is the loss, negated.
        seconds: since the run began, earlier sittings included.
        best: whether its weights are kept, unless a later epoch's are.
    """

    stage: str
    epoch: int
    epochs: int
    train_loss: float
    train_accuracy: float | None
    valid_loss: float
    valid_score: float
    measure: str
    seconds: float
    best: bool


@dataclass(frozen=True)
class Stopped:
    """A stage is over. Reasons: ``epochs``, ``patience``, ``time``, ``interrupted``."""

    stage: str
    reason: str
    seconds: float


Event = StepDone | EpochDone | Stopped
Observer = Callable[[Event], None]
