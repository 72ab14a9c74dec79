"""Long short-term memory: the definition every faster version must match.

One step, gate blocks along any 4H axis in the order input, forget, candidate, output:

    i, f, g, o = split(W_ih x + b_ih + W_hh h + b_hh)
    c' = sigmoid(f) * c + sigmoid(i) * tanh(g)
    h' = sigmoid(o) * tanh(c')

Forms, in any combination:

    activation   in place of both tanh
    peepholes    i + p_i * c,  f + p_f * c,  o + p_o * c'   inside the sigmoids
    coupled      1 - sigmoid(i) in place of sigmoid(f); three blocks, without f
    projection   W_hr (sigmoid(o) * tanh(c')) in place of h'
    layer_norm   i, f, g, o = split(LN(W_ih x; gain_ih) + b_ih + LN(W_hh h; gain_hh) + b_hh)
                 h' = sigmoid(o) * tanh(LN(c'; gain_cell) + bias_cell); c' itself is carried on

Sources: Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000; peepholes Gers &
Schmidhuber 2000, without full matrices; coupled gates Greff et al. 2017 (CIFG); projection Sak et
al. 2014; layer normalisation Ba, Kiros & Hinton 2016, supplementary equations 20-22, over all gates
jointly. Gate order and the two biases are PyTorch's; with layer normalisation they are the paper's
two shifts β, which make its further bias b superfluous.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from vartai.kernels.activations import ACTIVATIONS
from vartai.kernels.forms import CellWeights, Form
from vartai.kernels.reference.normalised import add, layer_norm, weighted

Gates = tuple[Tensor, ...]


class LSTMState(NamedTuple):
    """``hidden [B, P]`` and ``cell [B, H]``."""

    hidden: Tensor
    cell: Tensor


def lstm_inputs(product: Tensor, w: CellWeights) -> Tensor:
    """From ``W_ih x […, G·H]``, what inputs add to the sums of the gates, whatever the state."""
    return add(layer_norm(product, w.gain_ih), w.bias_ih)


def lstm_step(
    form: Form, inputs: Tensor, state: tuple[Tensor, ...], w: CellWeights, seen: Tensor
) -> tuple[LSTMState, Gates]:
    """Advance one step.

    Args:
        form: of the cell.
        inputs: ``[B, G·H]``. From `lstm_inputs`.
        state: hidden ``[B, P]`` and cell ``[B, H]`` before the step.
        w: weights of the form.
        seen: ``[B, P]``. The hidden state as ``W_hh`` meets it, which dropout may have thinned.

    Returns:
        Hidden and cell after the step, and the activated gates: input, forget, candidate, output.
    """
    _, cell = state
    activation = ACTIVATIONS[form.activation]
    sums = inputs + weighted(seen, w.weight_hh, w.bias_hh, w.gain_hh)
    blocks = dict(zip(form.gates, sums.chunk(len(form.gates), dim=1), strict=True))
    peepholes = _peepholes(form, w)

    i = torch.sigmoid(_peeping(blocks["input"], peepholes, "input", cell))
    if form.coupled:
        f = 1 - i
    else:
        f = torch.sigmoid(_peeping(blocks["forget"], peepholes, "forget", cell))
    g = activation(blocks["candidate"])
    cell = f * cell + i * g
    o = torch.sigmoid(_peeping(blocks["output"], peepholes, "output", cell))
    hidden = o * activation(_shown(cell, w))
    if w.weight_hr is not None:
        hidden = hidden @ w.weight_hr.T
    return LSTMState(hidden, cell), (i, f, g, o)


def _shown(cell: Tensor, w: CellWeights) -> Tensor:
    """The cell as the hidden state shows it."""
    return add(layer_norm(cell, w.gain_cell), w.bias_cell)


def _peepholes(form: Form, w: CellWeights) -> dict[str, Tensor]:
    """The peephole of each gate that has one."""
    if w.peephole is None:
        return {}
    gates = [gate for gate in form.gates if gate != "candidate"]
    return dict(zip(gates, w.peephole.chunk(len(gates)), strict=True))


def _peeping(sums: Tensor, peepholes: dict[str, Tensor], gate: str, cell: Tensor) -> Tensor:
    return sums + peepholes[gate] * cell if gate in peepholes else sums
