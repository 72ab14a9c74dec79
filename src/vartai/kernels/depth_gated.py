"""Depth-gated LSTM layers: through the compiled core in float32 on a CPU, elsewhere by torch.

Either way the products with inputs come first, for all rows at once, then the steps. A layer's
cells are an output like its hidden states: the layer above reads both. A gradient that is to be
differentiated once more is formed by torch.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor

from vartai.kernels import recurrence
from vartai.kernels.again import Maybe, gradients_again
from vartai.kernels.direction import Result, Trace
from vartai.kernels.input_product import input_product
from vartai.kernels.masked import carry
from vartai.kernels.native import door
from vartai.kernels.native.depth_gated import (
    DepthGatedTape,
    DepthGatedTensors,
    backward_depth_gated,
    forward_depth_gated,
)
from vartai.kernels.native.layer import rows_of
from vartai.kernels.padded import AnyBatch, PaddedBatch
from vartai.kernels.reference.depth_gated_lstm import (
    GATES,
    TRACED,
    DepthGate,
    DepthGatedState,
    DepthGatedWeights,
    depth_gated_gates,
    depth_gated_inputs,
)
from vartai.sequences import SequenceBatch


def run_depth_gated(
    batch: AnyBatch,
    state: DepthGatedState,
    w: DepthGatedWeights,
    *,
    reverse: bool = False,
    keep: bool = False,
) -> Result:
    """Run one layer in one direction.

    Args:
        batch: data ``[N, D]``; above the first layer ``[N, D + H]``, the outputs of the layer below
            and then its cells.
        state: ``[B, H]`` each. State before the first step taken.
        w: weights; with a depth gate above the first layer.
        reverse: take the steps from each sequence's last to its first.
        keep: whether a trace is wanted.

    Returns:
        outputs ``[N, 2H]``, hidden states and then cells, in the order of the rows; the state after
        the last step taken; and the trace, whose gates are those of
        `vartai.kernels.reference.depth_gated_lstm.TRACED`.
    """
    size = state.hidden.size(1)
    x, below = batch.data, None
    if w.depth is not None:
        x, below = batch.data[..., :-size], batch.data[..., -size:]
    there = tuple(weight for weight in _all_weights(w) if weight is not None)
    if not isinstance(batch, PaddedBatch) and recurrence.takes(batch, state, there):
        return _run_native(batch.with_data(x), below, state, w, reverse=reverse, keep=keep)
    return _run_steps(
        batch, depth_gated_inputs(x, below, w), below, state, w, reverse=reverse, keep=keep
    )


def _all_weights(w: DepthGatedWeights) -> Maybe:
    return (*w[:4], *(w.depth if w.depth is not None else ()))


def _run_steps(
    batch: AnyBatch,
    inputs: tuple[Tensor, Tensor | None],
    below: Tensor | None,
    state: DepthGatedState,
    w: DepthGatedWeights,
    *,
    reverse: bool,
    keep: bool = False,
) -> Result:
    """The same from what `depth_gated_inputs` gives of all rows, by torch's operators."""
    (sums, depth), size = inputs, state.hidden.size(1)
    rows = sums if depth is None or below is None else torch.cat([sums, depth, below], dim=-1)
    names = GATES if w.depth is None else TRACED
    kept = len(names) if keep else 0

    def step(row: Tensor, carried: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        hidden, cell = carried[0][:, : 2 * size].chunk(2, dim=1)
        own, more = row[:, : 4 * size], row[:, 4 * size :]
        of_depth, lower = more.chunk(2, dim=1) if w.depth is not None else (None, None)
        before = DepthGatedState(hidden, cell)
        after, gates = depth_gated_gates((own, of_depth), lower, before, w)
        return (torch.cat([*after, *gates[:kept]], dim=1),)

    start = torch.cat([*state, *[torch.zeros_like(state.hidden)] * kept], dim=1)
    found, final = carry(step, batch.with_data(rows), (start,), reverse=reverse)
    outputs = found[..., : 2 * size]
    hidden, cell = final[0][:, : 2 * size].chunk(2, dim=1)
    trace = None
    if keep:
        parts = (part.detach() for part in found.chunk(2 + kept, dim=-1))
        shown, cells, *gates = parts
        trace = Trace(shown, cells, dict(zip(names, gates, strict=True)))
    return Result(outputs, (hidden, cell), trace)


def _run_native(
    batch: SequenceBatch,
    below: Tensor | None,
    state: DepthGatedState,
    w: DepthGatedWeights,
    *,
    reverse: bool,
    keep: bool,
) -> Result:
    direction = _Direction(rows_of(batch, reverse=reverse), batch.lengths, reverse)
    depth = own = None
    if w.depth is not None and below is not None:
        own, lower = w.depth.peephole.chunk(2)
        depth = input_product(batch.data, w.depth.weight) + lower * below
        depth = depth if w.depth.bias is None else depth + w.depth.bias
    inputs = input_product(batch.data, w.weight_ih)
    tensors = (inputs, depth, below, *state, w.weight_hh, w.bias_ih, w.peephole, own)
    if torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors):
        outputs, cells, gates, opened, *final = _Steps.apply(direction, *tensors)  # type: ignore[no-untyped-call]
        tape = DepthGatedTape(outputs, cells, (final[0], final[1]), gates, opened)
    else:
        tape = forward_depth_gated(direction.rows, _read(tensors), keep=keep)
    both = torch.cat([tape.outputs, tape.cells], 1)
    return Result(both, tape.final, _trace(tape) if keep else None)


def _trace(tape: DepthGatedTape) -> Trace:
    if tape.gates is None:
        raise ValueError("depth-gated lstm: a trace was asked for, and no gates were kept")
    gates = dict(zip(GATES, tape.gates.chunk(len(GATES), dim=1), strict=True))
    if tape.depth is not None:
        gates["depth"] = tape.depth
    return Trace(tape.outputs.detach(), tape.cells.detach(), gates)


def _read(tensors: Maybe) -> DepthGatedTensors:
    """As the core takes them, from a tuple in the order of the names."""
    found = [None if own is None else own.contiguous() for own in tensors]
    inputs, depth, below, hidden, cell, weights, *more = found
    if inputs is None or hidden is None or cell is None or weights is None:
        raise ValueError("depth-gated lstm: inputs, state and recurrent weights must be given")
    return DepthGatedTensors(inputs, depth, below, hidden, cell, weights, *more)


@dataclass(frozen=True, eq=False)
class _Direction:
    """Which row each step takes, and what it takes to run once more by torch's operators."""

    rows: door.core.Rows
    lengths: Tensor
    reverse: bool

    def again(self, tensors: Maybe) -> tuple[Tensor, ...]:
        """Outputs, cells and final states, from the tensors that `_Steps` takes."""
        own = _read(tensors)
        gate = None
        if own.depth_peephole is not None:
            p_d = own.depth_peephole
            gate = DepthGate(p_d, None, torch.cat([p_d, torch.zeros_like(p_d)]))  # sums are there
        w = DepthGatedWeights(own.recurrent, None, own.recurrent, own.peephole, gate)
        sums = own.inputs if own.bias is None else own.inputs + own.bias
        batch, state = SequenceBatch(sums, self.lengths), DepthGatedState(own.hidden, own.cell)
        found = _run_steps(batch, (sums, own.depth), own.below, state, w, reverse=self.reverse)
        outputs, cells = found.outputs.chunk(2, dim=1)
        return outputs, cells, *found.final


class _Steps(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, direction: _Direction, *tensors: Tensor | None) -> Maybe:
        tape = forward_depth_gated(direction.rows, _read(tensors), keep=True)
        ctx.direction = direction
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*tensors, tape.outputs, tape.cells, tape.gates, tape.depth)
        ctx.mark_non_differentiable(*(t for t in (tape.gates, tape.depth) if t is not None))
        return tape.outputs, tape.cells, tape.gates, tape.depth, *tape.final

    @staticmethod
    def backward(ctx: Any, *d_all: Tensor | None) -> Maybe:
        *tensors, outputs, cells, gates, depth = ctx.saved_tensors
        d_results = (*d_all[:2], *d_all[4:])
        if torch.is_grad_enabled():
            return None, *gradients_again(ctx.direction.again, tuple(tensors), d_results)
        given = _read(tuple(tensors))
        tape = DepthGatedTape(outputs, cells, (given.hidden, given.cell), gates, depth)
        d_results = tuple(None if d is None else d.contiguous() for d in d_results)
        d = backward_depth_gated(ctx.direction.rows, tape, given, d_results)
        return None, *(getattr(d, field.name) for field in fields(d))
