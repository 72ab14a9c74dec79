"""minLSTM: the definition every faster version must match.

One step, blocks along any 3H axis in the order of `GATES`; the gates read the input alone, and are
scaled to add up to one:

    f, i = sigmoid(W_f x + b_f), sigmoid(W_i x + b_i)
    c    = candidate(W_h x + b_h)
    h'   = (f * h + i * c) / (f + i)

Source: Feng et al., "Were RNNs all we needed?", 2024 (arXiv 2410.01201), in the paper's order of
gates; there is no cell state beside the hidden one. ``f / (f + i)`` is computed as the sigmoid of
``log f - log i``, which also stands where both gates are too small for the floating point.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from vartai.kernels.reference.min_gru import CANDIDATES

GATES = ("forget", "input", "candidate")


def min_lstm_gates(sums: Tensor, *, candidate: str) -> dict[str, Tensor]:
    """``[…, 3H]`` sums to the gates ``[…, H]`` by name, forget and input scaled to add up to one.

    Args:
        sums: of all gates, in the order of `GATES`.
        candidate: a key of `vartai.kernels.reference.min_gru.CANDIDATES`.
    """
    f, i, v = sums.chunk(len(GATES), dim=-1)
    forget = torch.sigmoid(functional.logsigmoid(f) - functional.logsigmoid(i))
    return {"forget": forget, "input": 1 - forget, "candidate": CANDIDATES[candidate](v)}


def min_lstm_step(
    x: Tensor, hidden: Tensor, weights: tuple[Tensor, ...], *, candidate: str
) -> Tensor:
    """Advance one step.

    Args:
        x: ``[B, D]``. Inputs.
        hidden: ``[B, H]``. State before the step.
        weights: ``W_ih [3H, D], b_ih [3H]``.
        candidate: a key of `vartai.kernels.reference.min_gru.CANDIDATES`.

    Returns:
        ``[B, H]``. State after the step.
    """
    w_ih, b_ih = weights
    gates = min_lstm_gates(x @ w_ih.T + b_ih, candidate=candidate)
    return gates["forget"] * hidden + gates["input"] * gates["candidate"]
