"""What a probe gives out: sequences, where it asks, and what the answer is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from vartai.sequences import SequenceBatch


@dataclass(frozen=True, eq=False)
class Examples:
    """Sequences of a probe.

    Args:
        batch: data ``[N, D]``.
        asked: ``[A]``, int64. Rows at which an answer is expected.
        answers: ``[A]``: int64 of classes, float of a number.
    """

    batch: SequenceBatch
    asked: Tensor
    answers: Tensor


class Probe(Protocol):
    """A task of which one number, the delay, says how long something must be remembered.

    Attributes:
        name: of the probe.
        input_size: D.
        outputs: numbers that an answer is made from.
        chance: quality of an answer that remembers nothing.
    """

    @property
    def name(self) -> str:
        """Of the probe."""

    @property
    def input_size(self) -> int:
        """D."""

    @property
    def outputs(self) -> int:
        """Numbers that an answer is made from."""

    @property
    def chance(self) -> float:
        """Quality of an answer that remembers nothing."""

    def draw(self, delays: Tensor, generator: torch.Generator) -> Examples:
        """A sequence for each delay, ``[B]``, int64."""

    def loss(self, scores: Tensor, answers: Tensor) -> Tensor:
        """What training lessens: scores ``[A, outputs]``."""

    def quality(self, scores: Tensor, answers: Tensor) -> float:
        """From chance to 1."""
