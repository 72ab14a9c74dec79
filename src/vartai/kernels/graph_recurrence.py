"""Recurrent layers as one operator of a traced graph: `torch.compile` and `torch.export`.

A graph calls the compiled core through ``torch.ops.vartai.recurrence``, and back through time
through ``torch.ops.vartai.recurrence_backward``; compilers see shapes and nothing of what is
inside, so a graph is as small and as quickly made for a thousand steps as for one, and may leave
open how many steps there will be. Outside graphs `vartai.kernels.recurrence` calls the core itself,
which costs less.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from vartai.kernels import native
from vartai.kernels.direction import Result, State, require_shapes
from vartai.kernels.forms import STANDARD
from vartai.kernels.native import Tape
from vartai.kernels.native.layer import GATES
from vartai.kernels.padded import PaddedBatch, onto_grid, rows_of, rows_that_count
from vartai.kernels.reach import traceable
from vartai.kernels.recurrence import filled, run_backward, run_forward, trace_of
from vartai.sequences import SequenceBatch


def takes(batch: PaddedBatch, state: State, weights: tuple[Tensor, ...]) -> bool:
    """Whether the core is there, and these tensors are what it will compute with."""
    return native.HAS_CORE and traceable((batch.data, *state, *weights))


def run_in_graph(
    cell: str,
    batch: PaddedBatch,
    state: State,
    weights: tuple[Tensor, ...],
    *,
    reverse: bool = False,
    keep: bool = False,
) -> Result:
    """Run one layer in one direction; arguments and results as `vartai.kernels.ops` has them.

    Rows past the end of a sequence come out as zeros.
    """
    require_shapes(STANDARD[cell], batch, state, weights)
    tensors = (batch.data, *state, *weights)
    wanted = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)
    outputs, hidden, carried, gates, kept = recurrence(
        cell, batch.data, batch.lengths, state, weights, reverse, keep or wanted
    )
    final = (hidden, carried) if cell == "lstm" else (hidden,)
    if not keep:
        return Result(outputs, final)
    tape = Tape(gates.detach(), kept.detach() if cell == "lstm" else None, outputs, final)
    return Result(outputs, final, trace_of(cell, tape))


def _gated(cell: str) -> bool:
    """Whether a tape holds more than outputs."""
    return cell in ("lstm", "gru")


@torch.library.custom_op("vartai::recurrence", mutates_args=(), device_types="cpu")
def recurrence(
    cell: str,
    data: Tensor,
    lengths: Tensor | None,
    state: Sequence[Tensor],
    weights: Sequence[Tensor],
    reverse: bool,
    keep: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """One layer in one direction, forward.

    Args:
        cell: name of a standard form.
        data: ``[B, T, D]``.
        lengths: ``[B]``, int64, CPU: steps that count; None if all do.
        state: ``[B, H]`` each.
        weights: in the order of `Form.weight_names`, with biases or without.
        reverse: take the steps from each sequence's last to its first.
        keep: whether to return a tape.

    Returns:
        outputs ``[B, T, H]``; final hidden and cell ``[B, H]``; the tape: gates ``[B, T, G·H]`` and
        kept ``[B, T, H]``. What a cell has not, or nobody asked for, has no elements.
    """
    valid = rows_that_count(data, lengths)
    batch = _batch(data, lengths, valid)
    direction = native.plan(cell, batch, tuple(state), tuple(weights), reverse=reverse)
    tensors = (batch.data, *filled(tuple(state), 2), *filled(tuple(weights), 4))
    tape = run_forward(direction, tensors, keep=keep)
    nothing = data.new_empty(0)
    shape = data.shape[:2]
    return (
        onto_grid(tape.outputs, shape, valid),
        tape.final[0],
        tape.final[1] if cell == "lstm" else nothing,
        onto_grid(tape.gates, shape, valid) if keep and _gated(cell) else nothing.clone(),
        nothing.clone() if tape.kept is None else onto_grid(tape.kept, shape, valid),
    )


@recurrence.register_fake
def _(
    cell: str,
    data: Tensor,
    _lengths: Tensor | None,
    state: Sequence[Tensor],
    _weights: Sequence[Tensor],
    _reverse: bool,
    keep: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    count, steps, _ = data.shape
    size = state[0].size(1)
    gated = keep and _gated(cell)
    return (
        data.new_empty(count, steps, size),
        data.new_empty(count, size),
        data.new_empty((count, size) if cell == "lstm" else (0,)),
        data.new_empty((count, steps, GATES[cell] * size) if gated else (0,)),
        data.new_empty((count, steps, size) if gated else (0,)),
    )


@torch.library.custom_op("vartai::recurrence_backward", mutates_args=(), device_types="cpu")
def recurrence_backward(
    cell: str,
    lengths: Tensor | None,
    tensors: Sequence[Tensor],
    tape: Sequence[Tensor],
    d_results: Sequence[Tensor | None],
    reverse: bool,
) -> list[Tensor]:
    """One layer in one direction, back through time.

    Args:
        cell: as in `recurrence`.
        lengths: as in `recurrence`.
        tensors: data, state and weights of `recurrence`, in one list.
        tape: outputs, gates and kept, as `recurrence` returned them.
        d_results: of outputs, final hidden and final cell; None counts as zeros.
        reverse: as in `recurrence`.

    Returns:
        The gradient of each of `tensors`.
    """
    data, *rest = tensors
    parts = 2 if cell == "lstm" else 1
    state, weights = tuple(rest[:parts]), tuple(rest[parts:])
    valid = rows_that_count(data, lengths)
    batch = _batch(data, lengths, valid)
    direction = native.plan(cell, batch, state, weights, reverse=reverse)
    outputs, gates, kept = (rows_of(part, valid) if part.dim() == 3 else None for part in tape)
    if outputs is None or (gates is None and _gated(cell)):
        raise ValueError(f"{cell}: this graph was made where no gradients were wanted")
    d_outputs = None if d_results[0] is None else rows_of(d_results[0], valid)
    found = run_backward(
        direction,
        Tape(data.new_empty(0) if gates is None else gates, kept, outputs, ()),
        (batch.data, *filled(state, 2), *filled(weights, 4)),
        (d_outputs, *d_results[1 : parts + 1]),
        of_data=True,
    )
    d_data, *others = (d for d in found if d is not None)
    # An operator's results share no memory; of an LSTM both biases have the same gradient.
    return [onto_grid(d_data, data.shape[:2], valid), *(d.clone() for d in others)]


@recurrence_backward.register_fake
def _(
    _cell: str,
    _lengths: Tensor | None,
    tensors: Sequence[Tensor],
    _tape: Sequence[Tensor],
    _d_results: Sequence[Tensor | None],
    _reverse: bool,
) -> list[Tensor]:
    return [tensor.new_empty(tensor.shape) for tensor in tensors]


def _keep_for_gradients(
    ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor, Tensor, Tensor, Tensor]
) -> None:
    cell, data, lengths, state, weights, reverse, _ = inputs
    outputs, _, _, gates, kept = output
    ctx.cell, ctx.reverse, ctx.parts = cell, reverse, len(state)
    ctx.set_materialize_grads(False)
    ctx.mark_non_differentiable(gates, kept)
    ctx.save_for_backward(lengths, outputs, gates, kept, data, *state, *weights)


def _gradients(ctx: Any, *d_all: Tensor | None) -> tuple[Any, ...]:
    lengths, outputs, gates, kept, *tensors = ctx.saved_tensors
    tape, d_results = [outputs, gates, kept], list(d_all[:3])
    d_data, *d = recurrence_backward(ctx.cell, lengths, tensors, tape, d_results, ctx.reverse)
    return None, d_data, None, d[: ctx.parts], d[ctx.parts :], None, None


recurrence.register_autograd(_gradients, setup_context=_keep_for_gradients)


def _batch(data: Tensor, lengths: Tensor | None, valid: Tensor | None) -> SequenceBatch:
    if lengths is None:
        lengths = torch.full((data.size(0),), data.size(1))
    return SequenceBatch(rows_of(data, valid), lengths)
