"""What a task brings to the training loop."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

Ids = NDArray[np.int64]


class Loss(NamedTuple):
    """Of a batch: `total` nats, summed over its texts, `right` predictions, `tokens` read."""

    total: Tensor
    right: int
    tokens: int


class Score(NamedTuple):
    """Of a model on so many validation texts: mean `loss` in nats a text, `accuracy` as a share."""

    loss: float
    accuracy: float
    texts: int


class Problem(Protocol):
    """What a task brings to the loop."""

    model: nn.Module

    def plan(self, epoch: int) -> list[Ids]:
        """Batches of an epoch, from 0, as indices of texts."""

    def loss(self, chosen: Ids) -> Loss:
        """Loss of the model, in training mode, on these texts."""

    def validate(self) -> Score:
        """Score of the model, as it is now, in evaluation mode."""
