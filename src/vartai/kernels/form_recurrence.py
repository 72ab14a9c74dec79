"""Forms that `torch.nn` has not, and noise, through the compiled core: float32 on a CPU.

The products with the inputs are formed for all rows at once, then the core takes the steps. A
gradient that is to be differentiated once more is formed step by step instead
(`vartai.kernels.stepwise`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from vartai.kernels import recurrence
from vartai.kernels.again import Maybe, gradients_again
from vartai.kernels.direction import Noise, Result, State, Trace, require_shapes
from vartai.kernels.forms import GATES, CellWeights, Form
from vartai.kernels.gates_behind import (
    apart_state,
    apart_weights,
    joined_state,
    joined_weights,
)
from vartai.kernels.input_product import input_product
from vartai.kernels.native import forms as native
from vartai.kernels.native.forms import FormDirection, FormTape, Matrices, Parts
from vartai.kernels.reference.cells import CELLS
from vartai.kernels.stepwise import run_steps
from vartai.sequences import SequenceBatch


def has_form(form: Form) -> bool:
    """Whether the core has this form."""
    return not (form.gate_recurrence and form.projection)


def takes(
    form: Form,
    batch: SequenceBatch,
    state: State,
    weights: tuple[Tensor, ...],
    noise: Noise | None,
) -> bool:
    """Whether the core is there, has this form, and computes with tensors like these."""
    if not has_form(form):
        return False
    masks = _masks(noise or Noise())
    return not any(mask.requires_grad for mask in masks) and recurrence.takes(
        batch, state, (*weights, *masks)
    )


def _masks(noise: Noise) -> tuple[Tensor, ...]:
    return tuple(m for m in (noise.recurrent, *noise.zoneout) if isinstance(m, Tensor))


def run_form(
    form: Form,
    batch: SequenceBatch,
    state: State,
    weights: tuple[Tensor, ...],
    *,
    reverse: bool = False,
    noise: Noise | None = None,
    keep: bool = False,
) -> Result:
    """Run one layer in one direction; arguments and results as `vartai.kernels.ops` has them."""
    require_shapes(form, batch, state, weights)
    w = form.named(weights)
    size = w.weight_hh.size(0) // len(form.gates)
    direction = native.plan_form(form, batch, size, noise or Noise(), reverse=reverse)
    inputs = input_product(batch.data, w.weight_ih)
    start = joined_state(form, state)
    cell = start[1] if len(start) > 1 else None
    recurrent = joined_weights(form, w.weight_hh, w.weight_gg)
    tensors = (inputs, start[0], cell, recurrent, w.weight_hr, *_parts(form, w).all)
    if torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors):
        again = _Again(direction, batch.lengths, reverse)
        outputs, gates, sums, cells, *final = _Steps.apply(direction, again, *tensors)  # type: ignore[no-untyped-call]
        tape = FormTape(outputs, tuple(final), gates, sums, cells)
    else:
        tape = _forward(direction, tensors, keep=keep)
    outputs = tape.outputs[:, :size] if form.gate_recurrence else tape.outputs
    trace = _trace(form, tape, outputs) if keep else None
    return Result(outputs, apart_state(form, tape.final), trace)


def _parts(form: Form, w: CellWeights) -> Parts:
    input_bias, bias = w.bias_ih, w.bias_hh
    if form.cell != "gru" and w.bias_ih is not None and w.bias_hh is not None:
        input_bias, bias = None, w.bias_ih + w.bias_hh
    gain = w.gain if form.cell == "rnn" else w.gain_hh
    return Parts(w.gain_ih, input_bias, bias, gain, w.peephole, w.gain_cell, w.bias_cell)


def _trace(form: Form, tape: FormTape, outputs: Tensor) -> Trace:
    if tape.gates is None:
        raise ValueError(f"{form.cell}: a trace was asked for, and no gates were kept")
    kept = GATES[form.cell]  # the core keeps a gate that is not there too, as 1
    blocks = dict(zip(kept, tape.gates.chunk(len(kept), dim=1), strict=True))
    return Trace(outputs.detach(), tape.cells, {gate: blocks[gate] for gate in form.traced})


def _contiguous(tensors: Maybe) -> tuple[Tensor, State, Matrices, Parts]:
    """Inputs, state, matrices and parts, as the core takes them."""
    found = tuple(None if t is None else t.contiguous() for t in tensors)
    inputs, hidden, cell, recurrent, projection, *parts = found
    if inputs is None or hidden is None or recurrent is None:
        raise ValueError("inputs, hidden state and recurrent weights must be given")
    state = (hidden,) if cell is None else (hidden, cell)
    return inputs, state, Matrices(recurrent, projection), Parts.of(tuple(parts))


def _forward(direction: FormDirection, tensors: Maybe, *, keep: bool) -> FormTape:
    return native.forward_form(direction, *_contiguous(tensors), keep=keep)


@dataclass(frozen=True, eq=False)
class _Again:
    """What it takes to run a direction once more, step by step."""

    direction: FormDirection
    lengths: Tensor
    reverse: bool

    def run(self, tensors: Maybe) -> tuple[Tensor, ...]:
        """Outputs and final states, from the tensors that `_Steps` takes."""
        inputs, state, matrices, parts = _contiguous(tensors)
        form, noise = self.direction.form, self.direction.noise
        weight_hh, weight_gg = apart_weights(form, matrices.recurrent)
        # W_ih is not read: its product is in the inputs.
        w = CellWeights(
            weight_hh,
            weight_hh,
            weight_gg=weight_gg,
            weight_hr=matrices.projection,
            bias_ih=parts.input_bias,
            bias_hh=parts.bias,
            peephole=parts.peephole,
            gain=parts.gain if form.cell == "rnn" else None,
            gain_ih=parts.input_gain,
            gain_hh=parts.gain if form.cell != "rnn" else None,
            gain_cell=parts.cell_gain,
            bias_cell=parts.cell_bias,
        )
        batch = SequenceBatch(CELLS[form.cell].from_product(inputs, w), self.lengths)
        start = apart_state(form, state)
        if noise.recurrent is not None:
            noise = replace(noise, recurrent=noise.recurrent[:, : start[0].size(1)])
        found = run_steps(form, batch, start, w, reverse=self.reverse, noise=noise)
        # Gates behind the outputs are read by nobody, so no gradient comes through them.
        behind = self.direction.state_size - found.outputs.size(1)
        return functional.pad(found.outputs, (0, behind)), *joined_state(form, found.final)


class _Steps(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, direction: FormDirection, again: _Again, *tensors: Tensor | None
    ) -> Maybe:
        tape = _forward(direction, tensors, keep=True)
        kept = (tape.gates, tape.sums, tape.cells)
        ctx.direction, ctx.again = direction, again
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*tensors, tape.outputs, *kept)
        ctx.mark_non_differentiable(*(t for t in kept if t is not None))
        return tape.outputs, *kept, *tape.final

    @staticmethod
    def backward(ctx: Any, *d_all: Tensor | None) -> Maybe:
        d_results = (d_all[0], *d_all[4:])  # what is kept besides has none
        *tensors, outputs, gates, sums, cells = ctx.saved_tensors
        if torch.is_grad_enabled():
            return None, None, *gradients_again(ctx.again.run, tuple(tensors), d_results)
        inputs, state, matrices, parts = _contiguous(tuple(tensors))
        d = native.backward_form(
            ctx.direction,
            FormTape(outputs, (), gates, sums, cells),
            inputs,
            state,
            matrices,
            parts,
            tuple(None if result is None else result.contiguous() for result in d_results),
        )
        d_cell = d.state[1] if len(d.state) > 1 else None
        of_state = (d.state[0], d_cell, d.matrices.recurrent, d.matrices.projection)
        return None, None, d.inputs, *of_state, *d.parts.all
