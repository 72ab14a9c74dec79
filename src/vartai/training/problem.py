"""What a task brings to the training loop."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

Ids = NDArray[np.int64]


class Loss(NamedTuple):
    """Of a batch.

    Args:
        total: nats, summed over the batch's units.
        right: units predicted right; None where nobody counts them.
        tokens: read.
    """

    total: Tensor
    right: float | None
    tokens: int


class Score(NamedTuple):
    """Of a model on the validation examples.

    Args:
        loss: mean, in nats a unit.
        value: what the epoch is chosen by; higher is better.
        error: how far chance alone moves `value`, as its standard error; 0 if nobody knows.
    """

    loss: float
    value: float
    error: float


class Problem(Protocol):
    """What a task brings to the loop.

    Attributes:
        model: which is trained.
        unit: what losses are means over, as one says it: ``text``, ``token``, ``character``.
        measure: what `Score.value` is, as one says it; empty where it is the loss, negated.
    """

    model: nn.Module
    unit: str
    measure: str

    def plan(self, epoch: int) -> list[Ids]:
        """Batches of an epoch, from 0, as numbers of examples."""

    def units(self, chosen: Ids) -> float:
        """Units in a batch, which its loss is divided by."""

    def loss(self, chosen: Ids) -> Loss:
        """Loss of the model, in training mode, on these examples."""

    def validate(self) -> Score:
        """Score of the model, as it is now, in evaluation mode."""

    def state(self) -> dict[str, Tensor]:
        """What is carried from batch to batch beside the weights; it goes into checkpoints."""

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Go on from what `state` gave."""


class Independent:
    """The part of a problem whose batches know nothing of each other."""

    def state(self) -> dict[str, Tensor]:
        """Nothing."""
        return {}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Nothing to go on from."""
