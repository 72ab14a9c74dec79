"""The adding problem: of many numbers two are marked, and at the end their sum is asked for.

    numbers   .3 .9 .1 .7 .5 .2
    marks      1  0  0  1  0  0      answer at the last step: .3 + .7

The first mark lies among the first tenth of the steps, or at the first one, the second before the
middle: so half of the sequence, at least, is to be waited for. The number of steps is the delay.

Source: Hochreiter & Schmidhuber, "Long short-term memory", 1997, experiment 4; there marks lie
elsewhere, and the last step is not always the one that is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from vartai.inspect.memory.probes.examples import Examples
from vartai.sequences import SequenceBatch

SHORTEST = 4
_VARIANCE = 1 / 6  # of the sum of two numbers that are uniform between 0 and 1


@dataclass(frozen=True)
class AddingProbe:
    """The adding problem; a delay shorter than 4 steps is one of 4."""

    name: str = "adding"

    @property
    def input_size(self) -> int:
        """The number and its mark."""
        return 2

    @property
    def outputs(self) -> int:
        """The sum."""
        return 1

    @property
    def chance(self) -> float:
        """Of one who always says 1, the mean."""
        return 0.0

    def draw(self, delays: Tensor, generator: torch.Generator) -> Examples:
        """Sequences of as many steps as each delay ``[B]`` says."""
        lengths = delays.clamp(min=SHORTEST)
        numbers = torch.rand(int(lengths.sum()), generator=generator)
        marks = torch.zeros_like(numbers)
        starts = lengths.cumsum(0) - lengths
        early = (lengths // 10).clamp(min=1)
        first = starts + _below(early, generator)
        second = starts + early + _below(lengths // 2 - early, generator)
        marks[first], marks[second] = 1.0, 1.0
        rows = torch.stack([numbers, marks], dim=1)
        asked = starts + lengths - 1
        return Examples(SequenceBatch(rows, lengths), asked, numbers[first] + numbers[second])

    def loss(self, scores: Tensor, answers: Tensor) -> Tensor:
        """Mean squared error."""
        return functional.mse_loss(scores.squeeze(1), answers)

    def quality(self, scores: Tensor, answers: Tensor) -> float:
        """Share of the variance that is explained; below 0 where guessing 1 would be better."""
        return 1 - float(self.loss(scores, answers)) / _VARIANCE


def _below(bounds: Tensor, generator: torch.Generator) -> Tensor:
    """A whole number from 0 on below each bound."""
    return (torch.rand(len(bounds), generator=generator) * bounds).long()
