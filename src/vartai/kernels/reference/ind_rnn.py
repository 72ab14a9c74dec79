"""Independently recurrent cell: the definition every faster version must match.

One step, with W ``[H, D]``, one recurrent weight a unit u ``[H]``, and activation tanh or relu:

    h' = activation(W x + b + u * h)

Source: Li et al., "Independently Recurrent Neural Network (IndRNN)", 2018 (arXiv 1803.04831).
"""

from __future__ import annotations

import torch
from torch import Tensor

GATES = ("candidate",)


def ind_rnn_step(x: Tensor, hidden: Tensor, weights: tuple[Tensor, ...], *, relu: bool) -> Tensor:
    """Advance one step.

    Args:
        x: ``[B, D]``. Inputs.
        hidden: ``[B, H]``. State before the step.
        weights: ``W_ih [H, D], b_ih [H], u [H]``.
        relu: relu in place of tanh.

    Returns:
        ``[B, H]``. State after the step.
    """
    w_ih, b_ih, u = weights
    sums = x @ w_ih.T + b_ih + u * hidden
    return torch.relu(sums) if relu else torch.tanh(sums)
