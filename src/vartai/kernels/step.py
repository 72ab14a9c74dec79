"""A single step of a standard cell: the shape of work in a loop that somebody else wrote.

The core computes it with weights as they are, and its gradients as far as the sums of the gates;
the products that follow are torch's, as are whole steps wherever the core is out of reach.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vartai.kernels import native
from vartai.kernels.again import Maybe, gradients_again
from vartai.kernels.direction import Noise, State
from vartai.kernels.forms import STANDARD
from vartai.kernels.native.step import StepTape, quick_step, step_back, step_for_gradients
from vartai.kernels.reach import are_plain, in_a_torch_mode, in_a_transform
from vartai.kernels.reference.cells import CELLS, noisy_step

_OF_ONE_STATE: dict[str, Callable[..., Tensor]] = {
    "rnn_tanh": torch.rnn_tanh_cell,
    "rnn_relu": torch.rnn_relu_cell,
    "gru": torch.gru_cell,
}


def run_step(cell: str, data: Tensor, state: State, weights: tuple[Tensor, ...]) -> State:
    """Advance a batch by one step.

    Args:
        cell: name of a standard form.
        data: ``[B, D]``.
        state: ``[B, H]`` each: hidden, and cell for an LSTM.
        weights: ``W_ih [G·H, D], W_hh [G·H, H]``, and ``b_ih, b_hh [G·H]`` unless without bias.

    Returns:
        The state after the step, shaped as `state`.

    Raises:
        ValueError: shapes that do not belong together.
    """
    after = core_step(cell, data, state, weights)
    if after is not None:
        return after
    native.require_step_shapes(cell, data, state, weights)
    if in_a_transform():  # of which torch's operators know little
        w = STANDARD[cell].named(weights)
        inputs = CELLS[STANDARD[cell].cell].inputs(data, w)
        return tuple(noisy_step(STANDARD[cell], inputs, state, w, Noise())[0])
    return _torch_step(cell, data, state, weights)


def core_step(cell: str, data: Tensor, state: State, weights: tuple[Tensor, ...]) -> State | None:
    """As `run_step` through the core; None where there is none, or these tensors are not for it."""
    if not native.HAS_CORE or in_a_torch_mode():
        return None
    tensors = (data, *state, *weights)
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
        if not _gated(cell) or not are_plain(tensors):
            return None
        after: State = _Step.apply(cell, len(state), *tensors)  # type: ignore[no-untyped-call]
        return after
    found = quick_step(cell, data, state, weights)
    if found is None and are_plain(tensors):  # with gaps, or of a wrong shape
        return native.step(cell, data, state, weights)
    return found


def _gated(cell: str) -> bool:
    """Whether torch's own step takes so many operators that the core's gradients pay."""
    return cell in ("lstm", "gru")


def _torch_step(cell: str, data: Tensor, state: State, weights: tuple[Tensor, ...]) -> State:
    if cell == "lstm":
        after: State = torch.lstm_cell(data, state, *weights)
        return after
    return (_OF_ONE_STATE[cell](data, state[0], *weights),)


class _Step(torch.autograd.Function):
    """Data, state and weights to the state after the step."""

    @staticmethod
    def forward(ctx: Any, cell: str, parts: int, *tensors: Tensor) -> State:
        data, state, weights = tensors[0], tensors[1 : 1 + parts], tensors[1 + parts :]
        after, tape = step_for_gradients(cell, data, state, weights)
        ctx.cell, ctx.parts = cell, parts
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*tensors, *after, *tape)
        return after

    @staticmethod
    def backward(ctx: Any, *d_after: Tensor | None) -> Maybe:
        cell, parts = ctx.cell, ctx.parts
        *saved, gates, kept = ctx.saved_tensors
        tensors, after = tuple(saved[:-parts]), tuple(saved[-parts:])
        data, state, weights = tensors[0], tensors[1 : 1 + parts], tensors[1 + parts :]
        if torch.is_grad_enabled():

            def again(found: Maybe) -> State:
                there = tuple(tensor for tensor in found if tensor is not None)
                return _torch_step(cell, there[0], there[1 : 1 + parts], there[1 + parts :])

            return None, None, *gradients_again(again, tensors, d_after)
        d_sums, d_state = step_back(
            cell,
            tuple(part.contiguous() for part in state),
            after,
            StepTape(gates, kept),
            tuple(None if d is None else d.contiguous() for d in d_after),
        )
        wanted = ctx.needs_input_grad[2:]
        d = _through_weights(cell, d_sums, d_state, (data, state[0], *weights), wanted, parts)
        return None, None, *d


def _through_weights(
    cell: str,
    d_sums: Tensor,
    d_state: State,
    factors: tuple[Tensor, ...],
    wanted: tuple[bool, ...],
    parts: int,
) -> Maybe:
    """Gradients of data, state and weights, those that are wanted, from those of the sums."""
    data, hidden, w_ih, w_hh, *biases = factors
    of_inputs = of_hidden = d_sums
    if cell == "gru":  # the candidate's sums are two
        inner, size = w_hh.size(0), hidden.size(1)
        of_hidden = d_sums[:, :inner]
        of_inputs = torch.cat([d_sums[:, : inner - size], d_sums[:, inner:]], 1)
    d_hidden = torch.addmm(d_state[0], of_hidden, w_hh) if wanted[1] else None
    of_weights = wanted[1 + parts :]
    d_biases = (d.sum(0) for d in (of_inputs, of_hidden)[: len(biases)])
    return (
        of_inputs @ w_ih if wanted[0] else None,
        d_hidden,
        *d_state[1:],
        of_inputs.T @ data if of_weights[0] else None,
        of_hidden.T @ hidden if of_weights[1] else None,
        *d_biases,
    )
