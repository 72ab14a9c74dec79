"""Where a captioner looks before each word: soft, hard, or everywhere alike.

With annotations a_1 … a_L of a picture and the decoder's state h before the step:

    α = softmax of v · tanh(W h + U a_i + b)         weights of the L places
    soft    z = Σ α_i a_i                            the expected annotation
    hard    z = a_s, s drawn from α                  one annotation
    none    z = mean of a_i                          no attention: to measure what it is worth
    β = sigmoid(w · h + b)                           one number: how much of it all the word needs
    ẑ = β z

Source: Xu et al. 2015, "Show, Attend and Tell", sections 3.1.2 and 4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from vartai.nn.attention import AdditiveAttention, Memory
from vartai.nn.query_grid import QueryGrid

Choose = Callable[[Tensor], Tensor]
"""Weights ``[R, L]`` to the one place ``[R]``, int64, that each row looks at."""


class Glance(NamedTuple):
    """What R rows saw.

    Args:
        context: ``[R, D]``, ẑ.
        weights: ``[R, L]``, α, rows adding up to 1.
        used: ``[R, L]``: α itself, or 1 at the place that was chosen and 0 elsewhere.
    """

    context: Tensor
    weights: Tensor
    used: Tensor


def draw(weights: Tensor) -> Tensor:
    """A place by its weight, from torch's random numbers."""
    return torch.multinomial(weights, 1).squeeze(1)


def likeliest(weights: Tensor) -> Tensor:
    """The place of the highest weight."""
    return weights.argmax(1)


class Looking(nn.Module):
    """Attention and its gate.

    Args:
        attention: None to see the mean of all annotations.
        gate: H to 1, or None for no gate.
    """

    def __init__(self, *, attention: AdditiveAttention | None, gate: nn.Linear | None) -> None:
        super().__init__()
        self.attention = attention
        self.gate = gate

    def remember(self, annotations: Tensor) -> Memory:
        """Prepare annotations ``[P, L, D]``: what of them does not depend on the state."""
        keys = annotations[:, :, :0] if self.attention is None else self.attention.keys(annotations)
        valid = torch.ones(annotations.shape[:2], dtype=torch.bool, device=annotations.device)
        return Memory(keys, annotations, valid)

    def forward(
        self, hidden: Tensor, memory: Memory, *, sequence: Tensor | None, choose: Choose | None
    ) -> Glance:
        """Look.

        Args:
            hidden: ``[R, H]``, before the step.
            memory: of P pictures.
            sequence: ``[R]``, int64, CPU, rising: whose picture each row looks at; None where row r
                looks at picture r.
            choose: one place for each row; None to look everywhere by the weights.
        """
        if self.attention is None:
            context = memory.values.mean(1)
            weights = memory.valid.to(context.dtype) / max(1, memory.valid.size(1))
            if sequence is not None:
                there = sequence.to(context.device)
                context, weights = context[there], weights[there]
            return Glance(self._gated(context, hidden), weights, weights)
        grid = None if sequence is None else QueryGrid(sequence, len(memory.valid))
        asked = hidden.unsqueeze(1) if grid is None else grid.spread(hidden)
        weights = self.attention.weigh(asked, memory)
        used = weights if choose is None else _only(weights, choose(weights.flatten(0, 1)))
        parts = (torch.bmm(used, memory.values), weights, used)
        context, weights, used = (
            part.squeeze(1) if grid is None else grid.collect(part) for part in parts
        )
        return Glance(self._gated(context, hidden), weights, used)

    def _gated(self, context: Tensor, hidden: Tensor) -> Tensor:
        return context if self.gate is None else torch.sigmoid(self.gate(hidden)) * context


def _only(weights: Tensor, places: Tensor) -> Tensor:
    """1 at the place of each row, ``[B·K]``, 0 elsewhere."""
    return torch.zeros_like(weights).scatter_(2, places.view(*weights.shape[:2], 1), 1.0)
