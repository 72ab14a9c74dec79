"""Recurrent gates as the core has them: they stand behind the hidden state, and meet one matrix.

So full gate recurrence (Greff et al. 2017) is a form whose hidden state is ``[h; i; f; o]`` where
it meets the recurrent weights, ``[W_hh, W_gg]`` with zeros in the rows of the candidate. Forms
without recurrent gates go through unchanged.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.kernels.direction import State
from vartai.kernels.forms import Form


def joined_state(form: Form, state: State) -> State:
    """``[B, H + S·H]`` and ``[B, H]``, from the three parts of a state."""
    if not form.gate_recurrence:
        return state
    hidden, cell, gates = state
    return torch.cat([hidden, gates], 1), cell


def apart_state(form: Form, state: State) -> State:
    """The other way round."""
    if not form.gate_recurrence:
        return state
    size = state[1].size(1)
    return state[0][:, :size], state[1], state[0][:, size:]


def joined_weights(form: Form, weight_hh: Tensor, weight_gg: Tensor | None) -> Tensor:
    """``[G·H, H + S·H]``, or ``W_hh`` as it is."""
    if weight_gg is None:
        return weight_hh
    size = weight_hh.size(1)
    blocks = dict(zip(form.sigmoids, weight_gg.chunk(len(form.sigmoids)), strict=True))
    none = weight_gg.new_zeros(size, weight_gg.size(1))
    behind = torch.cat([blocks.get(gate, none) for gate in form.gates])
    return torch.cat([weight_hh, behind], 1)


def apart_weights(form: Form, joined: Tensor) -> tuple[Tensor, Tensor | None]:
    """The other way round: ``W_hh`` and ``W_gg``, None where gates are not recurrent."""
    if not form.gate_recurrence:
        return joined, None
    size = joined.size(0) // len(form.gates)
    blocks = dict(zip(form.gates, joined[:, size:].chunk(len(form.gates)), strict=True))
    return joined[:, :size], torch.cat([blocks[gate] for gate in form.sigmoids])
