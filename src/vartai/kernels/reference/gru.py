"""Gated recurrent unit: the definition every faster version must match.

One step, gate blocks along any 3H axis in the order reset, update, candidate:

    r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
    z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
    n = tanh(W_in x + b_in + r * (W_hn h + b_hn))
    h' = (1 - z) * n + z * h

The reset gate multiplies ``W_hn h + b_hn``, the form of cuDNN and PyTorch. Forms:

    activation     in place of tanh
    reset_before   W_hn (r * h) + b_hn in place of r * (W_hn h + b_hn)
    layer_norm     LN(…; gain) around each of the six products, those of r and z jointly, that of n
                   by itself

Weights trained with the reset gate in one place do not carry over to the other.

Sources: Cho et al. 2014 (reset before; there z and 1 - z change places); Ba, Kiros & Hinton 2016,
supplementary material, the GRU of the order-embeddings experiment. The two biases are PyTorch's;
with layer normalisation they are the paper's shifts β.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.kernels.activations import ACTIVATIONS
from vartai.kernels.forms import CellWeights, Form
from vartai.kernels.reference.normalised import add, layer_norm, weighted

Gates = tuple[Tensor, ...]


def gru_inputs(product: Tensor, w: CellWeights) -> Tensor:
    """From ``W_ih x […, 3H]``, what inputs add to the sums of the gates, whatever the state."""
    return add(_normalised(product, w.gain_ih), w.bias_ih)


def gru_step(
    form: Form, inputs: Tensor, state: tuple[Tensor, ...], w: CellWeights, seen: Tensor
) -> tuple[tuple[Tensor, ...], Gates]:
    """Advance one step.

    Args:
        form: of the cell.
        inputs: ``[B, 3H]``. From `gru_inputs`.
        state: hidden ``[B, H]`` before the step.
        w: weights of the form.
        seen: ``[B, H]``. The hidden state as ``W_hh`` meets it, which dropout may have thinned.

    Returns:
        Hidden ``[B, H]`` after the step, and the activated gates: reset, update, candidate.
    """
    (hidden,) = state
    activation = ACTIVATIONS[form.activation]
    if form.reset_before:
        reset, update, recalled = _reset_before(inputs, w, seen)
    else:
        reset, update, recalled = _reset_after(inputs, w, seen)
    candidate = activation(inputs.chunk(3, dim=1)[2] + recalled)
    hidden = (1 - update) * candidate + update * hidden
    return (hidden,), (reset, update, candidate)


def _reset_after(inputs: Tensor, w: CellWeights, seen: Tensor) -> Gates:
    """Reset, update, and what the candidate recalls: ``r * (W_hn h + b_hn)``."""
    sums = add(_normalised(seen @ w.weight_hh.T, w.gain_hh), w.bias_hh)
    hidden_r, hidden_z, hidden_n = sums.chunk(3, dim=1)
    input_r, input_z, _ = inputs.chunk(3, dim=1)
    reset = torch.sigmoid(input_r + hidden_r)
    return reset, torch.sigmoid(input_z + hidden_z), reset * hidden_n


def _reset_before(inputs: Tensor, w: CellWeights, seen: Tensor) -> Gates:
    """Reset, update, and what the candidate recalls: ``W_hn (r * h) + b_hn``."""
    gates, candidate = _both(w)
    size = 2 * seen.size(1)
    reset, update = torch.sigmoid(inputs[:, :size] + weighted(seen, *gates)).chunk(2, dim=1)
    return reset, update, weighted(reset * seen, *candidate)


Part = tuple[Tensor, Tensor | None, Tensor | None]


def _both(w: CellWeights) -> tuple[Part, Part]:
    """``W_hh``, ``b_hh`` and gain of both gates, and of the candidate."""
    size = 2 * w.weight_hh.size(1)
    gates: Part = (
        w.weight_hh[:size],
        None if w.bias_hh is None else w.bias_hh[:size],
        None if w.gain_hh is None else w.gain_hh[:size],
    )
    candidate: Part = (
        w.weight_hh[size:],
        None if w.bias_hh is None else w.bias_hh[size:],
        None if w.gain_hh is None else w.gain_hh[size:],
    )
    return gates, candidate


def _normalised(sums: Tensor, gain: Tensor | None) -> Tensor:
    """Sums of both gates normalised jointly, those of the candidate by themselves."""
    if gain is None:
        return sums
    sizes = [2 * gain.numel() // 3, gain.numel() // 3]
    parts = zip(torch.split(sums, sizes, dim=-1), torch.split(gain, sizes), strict=True)
    return torch.cat([layer_norm(part, own) for part, own in parts], dim=-1)
