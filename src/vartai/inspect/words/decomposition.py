"""Contextual decomposition of an LSTM: every state as what a phrase alone brought, and the rest.

    h_t = β_t + γ_t        c_t = βᶜ_t + γᶜ_t        exactly, at every step

β comes from the phrase and the biases alone; γ from everything else, its interactions with the
phrase included. One step, in the letters of the paper (Murdoch, Liu & Yu, "Beyond word importance:
contextual decomposition to extract interactions from LSTMs", 2018, section 3.2; L makes sums of σ
and tanh):

    gate     i = i_β + i_γ + i_0 = L_σ(β sum) + L_σ(γ sum) + L_σ(bias)     and so f; g with tanh
    forget   βᶠ = (f_β + f_0) βᶜ                  γᶠ = f γᶜ + f_γ βᶜ
    input    βᵘ = i_β (g_β + g_0) + i_0 g_β       γᵘ = i_γ g + (i_β + i_0) g_γ + i_0 g_0
    cell     βᶜ' = βᶠ + βᵘ                        γᶜ' = γᶠ + γᵘ
    hidden   β' = o L_tanh(βᶜ')                   γ' = o L_tanh(γᶜ')

The β sum of a gate is W x_t + V β_{t-1} where x_t is of the phrase, V β_{t-1} elsewhere; the γ sum
is what is left of W x_t + V h_{t-1}. L lets the terms of a sum enter in every order and takes the
mean of the steps that each makes (Shapley's value); a bias always enters first. The product of two
biases, i_0 g_0, knows nothing of the phrase and is γ here; the authors' program counts it to the
phrase at the phrase's own steps. The output gate is not divided, as in the paper.

A second layer reads β and γ of the first as its x, each as what it is (as Jumelet, Zuidema & Hupkes
2019 do), and a direction from the end is a layer of its own.

No other cell has a published decomposition of this kind, so none is offered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class Parts(NamedTuple):
    """A quantity in two parts that add up to it."""

    phrase: Tensor
    rest: Tensor

    @property
    def whole(self) -> Tensor:
        """β + γ."""
        return self.phrase + self.rest


class Linear(NamedTuple):
    """A gate as a sum: of what phrase, rest and bias bring to it."""

    phrase: Tensor
    rest: Tensor
    bias: Tensor

    @property
    def whole(self) -> Tensor:
        """The gate."""
        return self.phrase + self.rest + self.bias


class State(NamedTuple):
    """``[P, H]`` each: of P decompositions of one sequence, hidden state and cell."""

    hidden: Parts
    cell: Parts


def linearise(activation: Callable[[Tensor], Tensor], sums: Parts, bias: Tensor) -> Linear:
    """L: ``activation(β + γ + bias)`` as three terms that add up to it."""
    nothing = activation(bias)
    phrase, rest = activation(sums.phrase + bias), activation(sums.rest + bias)
    both = activation(sums.whole + bias)
    return Linear(
        phrase=((phrase - nothing) + (both - rest)) / 2,
        rest=((rest - nothing) + (both - phrase)) / 2,
        bias=nothing,
    )


def decompose_step(inputs: Parts, state: State, weight_hh: Tensor, bias: Tensor) -> State:
    """One step of an LSTM.

    Args:
        inputs: ``[P, 4H]`` each. W x in two parts; blocks input, forget, candidate, output.
        state: before the step.
        weight_hh: ``[4H, H]``. V.
        bias: ``[4H]``. Both of PyTorch's biases together.
    """
    hidden, cell = state
    sums = Parts(
        inputs.phrase + hidden.phrase @ weight_hh.T, inputs.rest + hidden.rest @ weight_hh.T
    )
    blocks = [Parts(*two) for two in zip(*(part.chunk(4, dim=-1) for part in sums), strict=True)]
    b_i, b_f, b_g, b_o = bias.chunk(4)
    i = linearise(torch.sigmoid, blocks[0], b_i)
    f = linearise(torch.sigmoid, blocks[1], b_f)
    g = linearise(torch.tanh, blocks[2], b_g)
    o = torch.sigmoid(blocks[3].whole + b_o)

    kept = Parts(
        (f.phrase + f.bias) * cell.phrase,
        f.whole * cell.rest + f.rest * cell.phrase,
    )
    taken = Parts(
        i.phrase * (g.phrase + g.bias) + i.bias * g.phrase,
        i.rest * g.whole + (i.phrase + i.bias) * g.rest + i.bias * g.bias,
    )
    cell = Parts(kept.phrase + taken.phrase, kept.rest + taken.rest)
    shown = linearise(torch.tanh, cell, torch.zeros_like(b_i))
    return State(Parts(o * shown.phrase, o * shown.rest), cell)


def decompose_layer(inputs: Parts, start: State, weight_hh: Tensor, bias: Tensor) -> Parts:
    """All steps of one layer in one direction.

    Args:
        inputs: ``[T, P, 4H]`` each. W x in two parts, in the order in which they are read.
        start: before the first step.
        weight_hh: ``[4H, H]``.
        bias: ``[4H]``.

    Returns:
        ``[T, P, H]`` each. The hidden state after each step in two parts.
    """
    state, phrase, rest = start, [], []
    for x in map(Parts, inputs.phrase, inputs.rest):
        state = decompose_step(x, state, weight_hh, bias)
        phrase.append(state.hidden.phrase)
        rest.append(state.hidden.rest)
    return Parts(torch.stack(phrase), torch.stack(rest))
