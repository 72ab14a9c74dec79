"""minGRU: the definition every faster version must match.

One step, blocks along any 2H axis in the order of `GATES`; the gate reads the input alone:

    z  = sigmoid(W_z x + b_z)
    c  = candidate(W_h x + b_h)
    h' = (1 - z) * h + z * c

Source: Feng et al., "Were RNNs all we needed?", 2024 (arXiv 2410.01201). Their vanilla form takes
the candidate as it is (``identity``); their log-space form passes it through ``g``, which is
positive; ``tanh`` is the GRU's own.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

GATES = ("update", "candidate")


def positive(v: Tensor) -> Tensor:
    """The paper's ``g``: ``v + 1/2`` where v ≥ 0, else ``sigmoid(v)``."""
    return torch.where(v >= 0, v + 0.5, torch.sigmoid(v))


CANDIDATES: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda v: v,
    "tanh": torch.tanh,
    "g": positive,
}


def min_gru_gates(sums: Tensor, *, candidate: str) -> dict[str, Tensor]:
    """``[…, 2H]`` sums to the gates ``[…, H]`` by name; `candidate` a key of `CANDIDATES`."""
    k, v = sums.chunk(len(GATES), dim=-1)
    return {"update": torch.sigmoid(k), "candidate": CANDIDATES[candidate](v)}


def min_gru_step(
    x: Tensor, hidden: Tensor, weights: tuple[Tensor, ...], *, candidate: str
) -> Tensor:
    """Advance one step.

    Args:
        x: ``[B, D]``. Inputs.
        hidden: ``[B, H]``. State before the step.
        weights: ``W_ih [2H, D], b_ih [2H]``.
        candidate: a key of `CANDIDATES`.

    Returns:
        ``[B, H]``. State after the step.
    """
    w_ih, b_ih = weights
    gates = min_gru_gates(x @ w_ih.T + b_ih, candidate=candidate)
    return (1 - gates["update"]) * hidden + gates["update"] * gates["candidate"]
