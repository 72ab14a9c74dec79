"""Long short-term memory: the definition every faster version must match.

One step, gate blocks along any 4H axis in the order input, forget, candidate, output:

    i, f, g, o = split(W_ih x + b_ih + W_hh h + b_hh)
    c' = sigmoid(f) * c + sigmoid(i) * tanh(g)
    h' = sigmoid(o) * tanh(c')

Forms, in any combination:

    activation   in place of both tanh; of the second alone: output_activation
    peepholes    i + p_i * c,  f + p_f * c,  o + p_o * c'   inside the sigmoids
    coupled      1 - sigmoid(i) in place of sigmoid(f); three blocks, without f
    without      1 in place of sigmoid(i), sigmoid(f) or sigmoid(o), which then have no block
    gate         i, f, o + split(W_gg [i; f; o]) inside the sigmoids, the gates on the right being
    recurrence   those of the step before, activated; before the first step given, else zeros
    projection   W_hr (sigmoid(o) * tanh(c')) in place of h'
    layer_norm   i, f, g, o = split(LN(W_ih x; gain_ih) + b_ih + LN(W_hh h; gain_hh) + b_hh)
                 h' = sigmoid(o) * tanh(LN(c'; gain_cell) + bias_cell); c' itself is carried on

The variants of Greff et al. 2017 are forms of one with peepholes, their vanilla: NIG, NFG and NOG
without a gate; NIAF and NOAF with the identity for the first and the second activation; CIFG
coupled; FGR with gate recurrence; NP is the form without peepholes.

Sources: Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000; peepholes Gers &
Schmidhuber 2000, without full matrices; coupled gates, missing gates and activations and full gate
recurrence Greff et al. 2017 (arXiv 1503.04069), whose nine matrices R_ii, R_fi, R_oi, … are the
blocks of W_gg; projection Sak et al. 2014; layer normalisation Ba, Kiros & Hinton 2016,
supplementary equations 20-22, over all gates jointly. Gate order and the two biases are PyTorch's;
with layer normalisation they are the paper's two shifts β, which make its further bias b
superfluous.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.kernels.activations import ACTIVATIONS
from vartai.kernels.forms import CellWeights, Form
from vartai.kernels.reference.normalised import add, layer_norm, weighted

Gates = tuple[Tensor, ...]


def lstm_inputs(product: Tensor, w: CellWeights) -> Tensor:
    """From ``W_ih x […, G·H]``, what inputs add to the sums of the gates, whatever the state."""
    return add(layer_norm(product, w.gain_ih), w.bias_ih)


def lstm_step(
    form: Form, inputs: Tensor, state: tuple[Tensor, ...], w: CellWeights, seen: Tensor
) -> tuple[tuple[Tensor, ...], Gates]:
    """Advance one step.

    Args:
        form: of the cell.
        inputs: ``[B, G·H]``. From `lstm_inputs`.
        state: hidden ``[B, P]`` and cell ``[B, H]`` before the step; where gates are recurrent,
            those of `Form.sigmoids` too, ``[B, S·H]``.
        w: weights of the form.
        seen: ``[B, P]``. The hidden state as ``W_hh`` meets it, which dropout may have thinned.

    Returns:
        The state after the step, and the activated gates of `Form.traced`.
    """
    cell = state[1]
    sums = inputs + weighted(seen, w.weight_hh, w.bias_hh, w.gain_hh)
    blocks = dict(zip(form.gates, sums.chunk(len(form.gates), dim=1), strict=True))
    if w.weight_gg is not None:
        recalled = _by_gate(form, state[2] @ w.weight_gg.T)
        blocks |= {gate: blocks[gate] + own for gate, own in recalled.items()}
    peepholes = {} if w.peephole is None else _by_gate(form, w.peephole)

    def opened(gate: str, seen_cell: Tensor) -> Tensor:
        """A gate's share, 1 of one that is not there."""
        if gate not in blocks:
            return torch.ones_like(cell)
        peeping = peepholes[gate] * seen_cell if gate in peepholes else 0
        return torch.sigmoid(blocks[gate] + peeping)

    i = opened("input", cell)
    f = 1 - i if form.coupled else opened("forget", cell)
    g = ACTIVATIONS[form.activation](blocks["candidate"])
    cell = f * cell + i * g
    o = opened("output", cell)
    hidden = o * ACTIVATIONS[form.shown_activation](_shown(cell, w))
    if w.weight_hr is not None:
        hidden = hidden @ w.weight_hr.T
    gates = {"input": i, "forget": f, "candidate": g, "output": o}
    after: tuple[Tensor, ...] = (hidden, cell)
    if w.weight_gg is not None:
        after = (*after, torch.cat([gates[gate] for gate in form.sigmoids], dim=1))
    return after, tuple(gates[gate] for gate in form.traced)


def _shown(cell: Tensor, w: CellWeights) -> Tensor:
    """The cell as the hidden state shows it."""
    return add(layer_norm(cell, w.gain_cell), w.bias_cell)


def _by_gate(form: Form, stacked: Tensor) -> dict[str, Tensor]:
    """``[…, S·H]`` by the names of the S gates of `Form.sigmoids`."""
    return dict(zip(form.sigmoids, stacked.chunk(len(form.sigmoids), dim=-1), strict=True))
