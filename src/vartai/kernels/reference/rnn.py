"""Simple (Elman) recurrent cell: the definition every faster version must match.

One step, with W_ih ``[H, D]``, W_hh ``[H, H]``, and activation tanh or relu:

    h' = activation(W_ih x + b_ih + W_hh h + b_hh)

Source: Elman, "Finding structure in time", 1990; two biases as in PyTorch.
"""

from __future__ import annotations

import torch
from torch import Tensor

GATES = ("candidate",)


def rnn_step(x: Tensor, hidden: Tensor, weights: tuple[Tensor, ...], *, relu: bool) -> Tensor:
    """Advance one step.

    Args:
        x: ``[B, D]``. Inputs.
        hidden: ``[B, H]``. State before the step.
        weights: ``W_ih [H, D], W_hh [H, H], b_ih [H], b_hh [H]``.
        relu: relu in place of tanh.

    Returns:
        ``[B, H]``. State after the step.
    """
    w_ih, w_hh, b_ih, b_hh = weights
    sums = x @ w_ih.T + b_ih + hidden @ w_hh.T + b_hh
    return torch.relu(sums) if relu else torch.tanh(sums)
