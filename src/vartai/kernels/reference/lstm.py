"""Long short-term memory: the definition every faster version must match.

One step, gate blocks along any 4H axis in the order of `GATES`:

    i, f, g, o = split(W_ih x + b_ih + W_hh h + b_hh)
    c' = sigmoid(f) * c + sigmoid(i) * tanh(g)
    h' = sigmoid(o) * tanh(c')

Source: Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000; gate order and
the two biases are PyTorch's.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

GATES = ("input", "forget", "candidate", "output")


class LSTMState(NamedTuple):
    """``hidden [B, H]`` and ``cell [B, H]``."""

    hidden: Tensor
    cell: Tensor


def lstm_step(x: Tensor, state: LSTMState, weights: tuple[Tensor, ...]) -> LSTMState:
    """Advance one step.

    Args:
        x: ``[B, D]``. Inputs.
        state: hidden and cell before the step.
        weights: ``W_ih [4H, D], W_hh [4H, H], b_ih [4H], b_hh [4H]``.

    Returns:
        Hidden and cell after the step.
    """
    w_ih, w_hh, b_ih, b_hh = weights
    sums = x @ w_ih.T + b_ih + state.hidden @ w_hh.T + b_hh
    i, f, g, o = sums.chunk(len(GATES), dim=1)
    cell = torch.sigmoid(f) * state.cell + torch.sigmoid(i) * torch.tanh(g)
    return LSTMState(torch.sigmoid(o) * torch.tanh(cell), cell)
