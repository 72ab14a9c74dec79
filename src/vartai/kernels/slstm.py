"""sLSTM layers: through the compiled core in float32 on a CPU, elsewhere by torch's operators.

Either way the products with inputs come first, for all rows at once, and then the steps. The core
has no blocks within its recurrent weights: heads become one matrix with zeros between them, which
are multiplied too. A gradient that is to be differentiated once more is formed by torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from vartai.kernels import recurrence
from vartai.kernels.again import Maybe, gradients_again
from vartai.kernels.direction import Result, Trace
from vartai.kernels.input_product import input_product
from vartai.kernels.masked import carry
from vartai.kernels.native import door
from vartai.kernels.native.layer import rows_of
from vartai.kernels.native.slstm import SLSTMTape, backward_slstm, forward_slstm
from vartai.kernels.padded import AnyBatch, PaddedBatch
from vartai.kernels.reference.slstm import (
    GATES,
    TRACED,
    SLSTMState,
    recurrent_sums,
    slstm_gates,
    traced_gates,
)
from vartai.sequences import SequenceBatch


def run_slstm(
    batch: AnyBatch,
    state: SLSTMState,
    weights: tuple[Tensor, Tensor | None, Tensor],
    *,
    reverse: bool = False,
    keep: bool = False,
) -> Result:
    """Run one layer in one direction.

    Args:
        batch: data ``[N, D]``.
        state: ``[B, H]`` each. State before the first step taken.
        weights: ``W [4H, D]``, ``b [4H]`` or None, ``R [heads, H/heads, 4, H/heads]``.
        reverse: take the steps from each sequence's last to its first.
        keep: whether a trace is wanted.

    Returns:
        outputs ``[N, H]`` in the order of the rows, the four parts of the state after the last step
        taken, and the trace, whose gates are those of `TRACED`.
    """
    there = tuple(weight for weight in weights if weight is not None)
    if not isinstance(batch, PaddedBatch) and recurrence.takes(batch, state, there):
        return _run_native(batch, state, weights, reverse=reverse, keep=keep)
    w_ih, b_ih, recurrent = weights
    sums = batch.with_data(functional.linear(batch.data, w_ih, b_ih))
    if keep:
        return _run_kept(sums, state, recurrent, reverse=reverse)
    outputs, final = _run_steps(sums, state, recurrent, reverse=reverse)
    return Result(outputs, final)


def _run_steps(
    batch: AnyBatch, state: SLSTMState, recurrent: Tensor, *, reverse: bool
) -> tuple[Tensor, SLSTMState]:
    """The same for a batch ``[N, 4H]`` of ``W x + b``, by torch's operators."""

    def step(sums: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return slstm_gates(sums + recurrent_sums(state[0], recurrent), SLSTMState(*state))

    outputs, final = carry(step, batch, state, reverse=reverse)
    return outputs, SLSTMState(*final)


def _run_kept(batch: AnyBatch, state: SLSTMState, recurrent: Tensor, *, reverse: bool) -> Result:
    """The same with a trace: outputs of the loop are then all that a step computed, in a row."""
    size = state.hidden.size(1)
    traced = len(SLSTMState._fields) + len(GATES)

    def step(sums: Tensor, carried: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        before = SLSTMState(*carried[0][:, : -len(GATES) * size].chunk(4, dim=1))
        after, gates = traced_gates(sums + recurrent_sums(before.hidden, recurrent), before)
        return (torch.cat([*after, *gates], dim=1),)

    start = torch.cat([*state, *[torch.zeros_like(state.hidden)] * len(GATES)], dim=1)
    rows, final = carry(step, batch, (start,), reverse=reverse)
    hidden, cell, normaliser, _, *gates = rows.chunk(traced, dim=-1)
    parts = (*(gate.detach() for gate in gates), normaliser.detach())
    trace = Trace(hidden.detach(), cell.detach(), dict(zip(TRACED, parts, strict=True)))
    return Result(hidden, final[0].chunk(traced, dim=1)[:4], trace)


def _run_native(
    batch: SequenceBatch,
    state: SLSTMState,
    weights: tuple[Tensor, Tensor | None, Tensor],
    *,
    reverse: bool,
    keep: bool,
) -> Result:
    w_ih, bias, recurrent = weights
    direction = _Direction(rows_of(batch, reverse=reverse), batch.lengths, reverse)
    tensors = (input_product(batch.data, w_ih), *state, recurrent, bias)
    if torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors):
        outputs, gates, carried, *final = _Steps.apply(direction, *tensors)  # type: ignore[no-untyped-call]
        return Result(outputs, tuple(final), _trace(outputs, gates, carried) if keep else None)
    tape = direction.forward(tensors, keep=keep)
    trace = _trace(tape.outputs, tape.gates, tape.carried) if keep else None
    return Result(tape.outputs, _apart(tape.final), trace)


def _trace(outputs: Tensor, gates: Tensor | None, carried: Tensor | None) -> Trace:
    """What a whole tape shows of a run; the core's fifth gate is the forget gate's sigmoid."""
    if gates is None or carried is None:
        raise ValueError("slstm: a trace was asked for, and no gates were kept")
    cell, normaliser, _ = carried.chunk(3, dim=1)
    parts = (*gates.chunk(5, dim=1)[: len(GATES)], normaliser)
    return Trace(outputs.detach(), cell, dict(zip(TRACED, parts, strict=True)))


def _apart(state: tuple[Tensor, Tensor]) -> tuple[Tensor, ...]:
    """Hidden, cell, normaliser and stabiliser, in memory of their own."""
    return (state[0], *(part.contiguous() for part in state[1].chunk(3, dim=1)))


def _whole(recurrent: Tensor) -> Tensor:
    """``[heads, H/heads, 4, H/heads]`` as one matrix ``[4H, H]``, zeros between the heads."""
    if recurrent.size(0) == 1:
        return recurrent[0].permute(1, 2, 0).flatten(0, 1).contiguous()
    gates = recurrent.permute(2, 0, 3, 1)
    blocks = [torch.block_diag(*gate) for gate in gates]  # type: ignore[no-untyped-call]
    return torch.cat(blocks)


def _blocks(whole: Tensor, heads: int) -> Tensor:
    """The blocks of a matrix that `_whole` made."""
    size = whole.size(1) // heads
    grid = whole.view(4, heads, size, heads, size)
    return torch.stack([grid[:, head, :, head].permute(2, 0, 1) for head in range(heads)])


@dataclass(frozen=True, eq=False)
class _Direction:
    """Which row each step takes, and what it takes to run once more by torch's operators."""

    rows: door.core.Rows
    lengths: Tensor
    reverse: bool

    def forward(self, tensors: Maybe, *, keep: bool) -> SLSTMTape:
        """Run on inputs, the four parts of a state, R, and the bias."""
        inputs, state, recurrent, bias = _read(tensors)
        return forward_slstm(self.rows, inputs, state, _whole(recurrent), bias, keep=keep)

    def again(self, tensors: Maybe) -> tuple[Tensor, ...]:
        """Outputs and final states, from the same."""
        inputs, *parts, recurrent, bias = tensors
        if inputs is None or recurrent is None:
            raise ValueError("slstm: inputs and recurrent weights must be given")
        state = SLSTMState(*(part for part in parts if part is not None))
        batch = SequenceBatch(inputs if bias is None else inputs + bias, self.lengths)
        outputs, final = _run_steps(batch, state, recurrent, reverse=self.reverse)
        return outputs, *final


def _read(tensors: Maybe) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor, Tensor | None]:
    inputs, hidden, *carried, recurrent, bias = tensors
    if inputs is None or hidden is None or recurrent is None:
        raise ValueError("slstm: inputs, state and recurrent weights must be given")
    beside = torch.cat([part for part in carried if part is not None], 1)
    state = hidden.contiguous(), beside
    return inputs.contiguous(), state, recurrent, None if bias is None else bias.contiguous()


class _Steps(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, direction: _Direction, *tensors: Tensor | None) -> Maybe:
        tape = direction.forward(tensors, keep=True)
        ctx.direction = direction
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*tensors, tape.outputs, tape.gates, tape.carried)
        ctx.mark_non_differentiable(tape.gates, tape.carried)
        return tape.outputs, tape.gates, tape.carried, *_apart(tape.final)

    @staticmethod
    def backward(ctx: Any, *d_all: Tensor | None) -> Maybe:
        *tensors, outputs, gates, kept = ctx.saved_tensors
        if torch.is_grad_enabled():
            d_results = (d_all[0], *d_all[3:])
            return None, *gradients_again(ctx.direction.again, tuple(tensors), d_results)
        inputs, state, recurrent, bias = _read(tuple(tensors))
        d_outputs, d_hidden, *d_carried = (
            None if d is None else d.contiguous() for d in (d_all[0], *d_all[3:])
        )
        d_inputs, d_state, d_recurrent, d_bias = backward_slstm(
            ctx.direction.rows,
            SLSTMTape(outputs, state, gates, kept),
            inputs,
            state,
            _whole(recurrent),
            (d_outputs, d_hidden, _joined(d_carried, state[0])),
        )
        return (
            None,
            d_inputs,
            *_apart(d_state),
            _blocks(d_recurrent, recurrent.size(0)),
            None if bias is None else d_bias,
        )


def _joined(parts: list[Tensor | None], like: Tensor) -> Tensor | None:
    """Gradients of what is carried side by side; None where there is none."""
    if all(part is None for part in parts):
        return None
    return torch.cat([torch.zeros_like(like) if part is None else part for part in parts], 1)
