"""Depth-gated LSTM: the definition every faster version must match.

A layer above another lets a share of the cell below into its own. One step, gate blocks along any
4H axis in the order input, forget, candidate, output; ``l`` is the cell of the layer below *after*
this step, and x what that layer puts out:

    i, f, g, o = split(W_ih x + b_ih + W_hh h)
    d  = sigmoid(W_d x + b_d + p_d * c + p_l * l)
    c' = sigmoid(f + p_f * c) * c + sigmoid(i + p_i * c) * tanh(g) + d * l
    h' = sigmoid(o + p_o * c') * tanh(c')

The first layer has no cell below it, and so no depth gate: it is an LSTM with peepholes.

Source: Yao, Cohn, Vylomova, Duh & Dyer, "Depth-Gated LSTM", 2015 (arXiv 1508.03790). That the gate
is a function of the cell below, of the layer's input and of its own past cell, and that the cell
below enters linearly, its abstract says; the equation of d is that of the first author's program
(`DGLSTMBuilder`), which has vectors for both cells and, in its first version, no depth gate in the
first layer. (A later version projects the input of the first layer, and gates that in.) Readings of
ours: peepholes are vectors, as in the LSTM of Greff et al. 2017, where that program has matrices,
and the forget gate has weights of its own, where that program has f = 1 - i. In two directions the
cell below is that of the same direction.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

GATES = ("input", "forget", "candidate", "output")
TRACED = (*GATES, "depth")
"""Of a layer above another; the first layer has no ``depth``."""


class DepthGate(NamedTuple):
    """Weights of a depth gate.

    Args:
        weight: ``[H, D]``. W_d.
        bias: ``[H]``, or None.
        peephole: ``[2H]``. p_d and p_l.
    """

    weight: Tensor
    bias: Tensor | None
    peephole: Tensor


class DepthGatedWeights(NamedTuple):
    """Of one direction of a layer.

    Args:
        weight_ih: ``[4H, D]``.
        bias_ih: ``[4H]``, or None.
        weight_hh: ``[4H, H]``.
        peephole: ``[3H]``, of input, forget and output gate; or None.
        depth: None in the first layer.
    """

    weight_ih: Tensor
    bias_ih: Tensor | None
    weight_hh: Tensor
    peephole: Tensor | None
    depth: DepthGate | None


class DepthGatedState(NamedTuple):
    """``hidden`` and ``cell``, ``[B, H]`` each."""

    hidden: Tensor
    cell: Tensor


def depth_gated_inputs(
    x: Tensor, below: Tensor | None, w: DepthGatedWeights
) -> tuple[Tensor, Tensor | None]:
    """What the layer below adds to the sums ``[…, 4H]`` of the gates and ``[…, H]`` of d.

    Args:
        x: ``[…, D]``. Its outputs, or the inputs of the first layer.
        below: ``[…, H]``. Its cells, None for the first layer.
        w: weights.
    """
    sums = x @ w.weight_ih.T if w.bias_ih is None else x @ w.weight_ih.T + w.bias_ih
    if w.depth is None or below is None:
        return sums, None
    depth = x @ w.depth.weight.T + w.depth.peephole.chunk(2)[1] * below
    return sums, depth if w.depth.bias is None else depth + w.depth.bias


def depth_gated_gates(
    inputs: tuple[Tensor, Tensor | None],
    below: Tensor | None,
    state: DepthGatedState,
    w: DepthGatedWeights,
) -> tuple[DepthGatedState, tuple[Tensor, ...]]:
    """One step from what `depth_gated_inputs` gives: the state after it, and the gates.

    Args:
        inputs: ``[B, 4H]`` and ``[B, H]``, None in the first layer.
        below: ``[B, H]``. l, None in the first layer.
        state: before the step.
        w: weights.

    Returns:
        The state after the step, and ``i, f, tanh(g), o, d``, without d in the first layer.
    """
    hidden, cell = state
    i, f, g, o = (inputs[0] + hidden @ w.weight_hh.T).chunk(4, dim=1)
    p_i = p_f = p_o = cell.new_zeros(())
    if w.peephole is not None:
        p_i, p_f, p_o = w.peephole.chunk(3)
    i, f, g = torch.sigmoid(i + p_i * cell), torch.sigmoid(f + p_f * cell), torch.tanh(g)
    new = f * cell + i * g
    depth: tuple[Tensor, ...] = ()
    if w.depth is not None and inputs[1] is not None and below is not None:
        d = torch.sigmoid(inputs[1] + w.depth.peephole.chunk(2)[0] * cell)
        new, depth = new + d * below, (d,)
    o = torch.sigmoid(o + p_o * new)
    return DepthGatedState(o * torch.tanh(new), new), (i, f, g, o, *depth)


def depth_gated_step(
    x: Tensor, below: Tensor | None, state: DepthGatedState, w: DepthGatedWeights
) -> DepthGatedState:
    """Advance one step.

    Args:
        x: ``[B, D]``. Inputs.
        below: ``[B, H]``. The cell of the layer below after this step; None in the first layer.
        state: before the step.
        w: weights.
    """
    return depth_gated_gates(depth_gated_inputs(x, below, w), below, state, w)[0]
