"""sLSTM: the definition every faster version must match.

Input and forget gate are exponentials, kept in range by a stabiliser m: cell c and normaliser n are
both stored ``e^m`` times smaller than they are, which cancels in ``c / n``. One step, gate blocks
along any 4H axis in the order of `GATES`, R block-diagonal, one block a head:

    i, f, z, o = split(W x + b + R h)
    m' = max(i, m + log sigmoid(f)), or i where n = 0
    I  = exp(i - m')
    F  = exp(m + log sigmoid(f) - m')
    c' = F * c + I * tanh(z)
    n' = F * n + I
    h' = sigmoid(o) * c' / n'

The stabiliser counts as a constant in gradients: h' does not depend on it.

Source: Beck et al., "xLSTM: Extended Long Short-Term Memory", 2024 (arXiv 2405.04517), with the
forget gate's sigmoid; the shape of R and what n = 0 means are those of the authors' program.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

GATES = ("input", "forget", "candidate", "output")
TRACED = (*GATES, "normaliser")
"""What a trace holds beside hidden state and cell: I, F, tanh(z), σ(o) and n' of the equations."""


class SLSTMState(NamedTuple):
    """``hidden``, ``cell``, ``normaliser`` and ``stabiliser``, ``[B, H]`` each."""

    hidden: Tensor
    cell: Tensor
    normaliser: Tensor
    stabiliser: Tensor


def recurrent_sums(hidden: Tensor, recurrent: Tensor) -> Tensor:
    """``R h``: each head reads its own units and no other.

    Args:
        hidden: ``[B, H]``, heads side by side.
        recurrent: ``[heads, H/heads, 4, H/heads]``: head, unit read, gate, unit written.

    Returns:
        ``[B, 4H]``, gate after gate.
    """
    heads = hidden.reshape(len(hidden), *recurrent.shape[:2])
    return torch.einsum("bhi,higo->bgho", heads, recurrent).flatten(1)


def slstm_gates(sums: Tensor, state: SLSTMState) -> SLSTMState:
    """From the sums ``[B, 4H]`` of all gates, and the state before the step, to the one after."""
    return traced_gates(sums, state)[0]


def traced_gates(sums: Tensor, state: SLSTMState) -> tuple[SLSTMState, tuple[Tensor, ...]]:
    """The same, and ``I, F, tanh(z), σ(o)`` as they were computed."""
    i, f, z, o = sums.chunk(len(GATES), dim=1)
    _, cell, normaliser, stabiliser = state
    log_forget = stabiliser + functional.logsigmoid(f)
    highest = torch.where(normaliser == 0, i, torch.maximum(i, log_forget)).detach()
    take = torch.exp(i - highest)
    # At most 1 but where n = 0, and there it multiplies nothing.
    keep = torch.exp((log_forget - highest).clamp(max=0))
    candidate, output = torch.tanh(z), torch.sigmoid(o)
    cell = keep * cell + take * candidate
    normaliser = keep * normaliser + take
    after = SLSTMState(output * cell / normaliser, cell, normaliser, highest)
    return after, (take, keep, candidate, output)


def slstm_step(x: Tensor, state: SLSTMState, weights: tuple[Tensor, ...]) -> SLSTMState:
    """Advance one step.

    Args:
        x: ``[B, D]``. Inputs.
        state: before the step; all zeros at the start of a sequence.
        weights: ``W [4H, D], b [4H], R [heads, H/heads, 4, H/heads]``.

    Returns:
        State after the step.
    """
    w_ih, b_ih, recurrent = weights
    return slstm_gates(x @ w_ih.T + b_ih + recurrent_sums(state.hidden, recurrent), state)
