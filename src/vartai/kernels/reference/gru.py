"""Gated recurrent unit, reset after: the definition every faster version must match.

One step, gate blocks along any 3H axis in the order of `GATES`:

    r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
    z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
    n = tanh(W_in x + b_in + r * (W_hn h + b_hn))
    h' = (1 - z) * n + z * h

The reset gate multiplies ``W_hn h + b_hn``, not ``h``: the form of cuDNN and PyTorch. Cho et al.
2014 multiply ``h``; weights trained in one form do not carry over to the other.
"""

from __future__ import annotations

import torch
from torch import Tensor

GATES = ("reset", "update", "candidate")


def gru_step(x: Tensor, hidden: Tensor, weights: tuple[Tensor, ...]) -> Tensor:
    """Advance one step.

    Args:
        x: ``[B, D]``. Inputs.
        hidden: ``[B, H]``. State before the step.
        weights: ``W_ih [3H, D], W_hh [3H, H], b_ih [3H], b_hh [3H]``.

    Returns:
        ``[B, H]``. State after the step.
    """
    w_ih, w_hh, b_ih, b_hh = weights
    input_r, input_z, input_n = (x @ w_ih.T + b_ih).chunk(len(GATES), dim=1)
    hidden_r, hidden_z, hidden_n = (hidden @ w_hh.T + b_hh).chunk(len(GATES), dim=1)
    reset = torch.sigmoid(input_r + hidden_r)
    update = torch.sigmoid(input_z + hidden_z)
    candidate = torch.tanh(input_n + reset * hidden_n)
    return (1 - update) * candidate + update * hidden
