"""What a training run tells whoever listens: plain values, in the order they happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class StepDone:
    """After a step of the optimiser.

    Args:
        epoch: from 1.
        step: steps done in this epoch.
        steps: steps in this epoch.
        loss: mean over the epoch so far, nats a text.
        accuracy: share of the epoch's texts so far that were predicted right, in training mode.
        tokens_per_second: over the epoch so far, all processes together.
        seconds_left: estimate for all epochs, or until the time limit if that is sooner.
    """

    epoch: int
    step: int
    steps: int
    loss: float
    accuracy: float
    tokens_per_second: float
    seconds_left: float


@dataclass(frozen=True)
class EpochDone:
    """After an epoch, or the part of it that the time allowed, and its validation.

    Args:
        epoch: from 1.
        train_loss: nats a text, in training mode.
        train_accuracy: in training mode.
        valid_loss: nats a text.
        valid_accuracy: share of the validation texts predicted right.
        seconds: since the run began, earlier sittings included.
        best: whether its weights are kept, unless a later epoch's are.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    valid_loss: float
    valid_accuracy: float
    seconds: float
    best: bool


@dataclass(frozen=True)
class Stopped:
    """Training is over. Reasons: ``epochs``, ``patience``, ``time``, ``interrupted``."""

    reason: str
    seconds: float


Event = StepDone | EpochDone | Stopped
Observer = Callable[[Event], None]
