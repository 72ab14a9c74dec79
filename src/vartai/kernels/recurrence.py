"""Recurrent layers through the compiled core, with gradients: float32 on a CPU.

The core runs a direction forward, and back through time with all gradients. A gradient that is to
be differentiated once more is formed by torch's operators instead.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor

from vartai.kernels import dense, native
from vartai.kernels.again import Maybe, gradients_again
from vartai.kernels.direction import Result, State, Trace
from vartai.kernels.forms import STANDARD
from vartai.kernels.native import Direction, Tape, Weights
from vartai.kernels.reach import within_reach
from vartai.sequences import SequenceBatch


def takes(batch: SequenceBatch, state: State, weights: tuple[Tensor, ...]) -> bool:
    """Whether the core is there, and these tensors are what it computes with."""
    if not within_reach((batch.data, *state, *weights)):
        return False
    if not native.HAS_CORE:
        _warn_of_absence()
    return native.HAS_CORE


@cache
def _warn_of_absence() -> None:
    warnings.warn(
        "Vartai was installed without its compiled core, so recurrent layers run through torch's "
        "own operators, more slowly; install it again where there is a C++20 compiler",
        RuntimeWarning,
        stacklevel=4,
    )


def run_recurrence(
    cell: str,
    batch: SequenceBatch,
    state: State,
    weights: tuple[Tensor, ...],
    *,
    reverse: bool = False,
    keep: bool = False,
) -> Result:
    """Run one layer in one direction; arguments and results as `vartai.kernels.ops` has them.

    The cell is the name of a standard form. A trace costs nothing where there are gradients: it is
    what the backward pass keeps.
    """
    direction = native.plan(cell, batch, state, weights, reverse=reverse)
    tensors = (batch.data, *filled(state, 2), *filled(weights, 4))
    if torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors):
        again = _Again(cell, batch.lengths, reverse)
        outputs, gates, kept, *final = _Recurrence.apply(direction, again, *tensors)  # type: ignore[no-untyped-call]
        tape = Tape(gates, kept, outputs, tuple(final))
    else:
        tape = run_forward(direction, tensors, keep=keep)
    return Result(tape.outputs, tape.final, trace_of(cell, tape) if keep else None)


def trace_of(cell: str, tape: Tape) -> Trace:
    """What a tape shows of a run."""
    hidden = tape.outputs.detach()
    names = STANDARD[cell].traced
    blocks = (hidden,) if len(names) == 1 else tape.gates.chunk(len(names), dim=-1)
    return Trace(
        hidden, tape.kept if cell == "lstm" else None, dict(zip(names, blocks, strict=True))
    )


def filled(tensors: Maybe, count: int) -> Maybe:
    """As many tensors as this, None for each that is missing at the end."""
    return (*tensors, *[None] * (count - len(tensors)))


def run_forward(direction: Direction, tensors: Maybe, *, keep: bool) -> Tape:
    """Run on data, hidden, cell, W_ih, W_hh, b_ih, b_hh, as `native.forward`; no gradients."""
    data, hidden, cell, w_ih, w_hh, b_ih, b_hh = (
        None if t is None else t.contiguous() for t in tensors
    )
    state = tuple(part for part in (hidden, cell) if part is not None)
    weights = Weights(_there(w_ih), _there(w_hh), b_ih, b_hh)
    return native.forward(direction, _there(data), state, weights, keep=keep)


def _there(tensor: Tensor | None) -> Tensor:
    if tensor is None:
        raise ValueError("data and both matrices of weights must be given")
    return tensor


@dataclass(frozen=True)
class _Again:
    """What it takes to run a direction once more through torch's operators."""

    cell: str
    lengths: Tensor
    reverse: bool

    def gradients(self, tensors: Maybe, d_results: Maybe) -> Maybe:
        """Gradients of `tensors` that can be differentiated, None for one that needs none."""
        return gradients_again(self._run, tensors, d_results)

    def _run(self, tensors: Maybe) -> tuple[Tensor, ...]:
        data, hidden, cell, *weights = tensors
        outputs, final = dense.run_dense(
            self.cell,
            SequenceBatch(_there(data), self.lengths),
            tuple(part for part in (hidden, cell) if part is not None),
            tuple(weight for weight in weights if weight is not None),
            reverse=self.reverse,
        )
        return outputs, *final


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, direction: Direction, again: _Again, *tensors: Tensor | None) -> Maybe:
        tape = run_forward(direction, tensors, keep=True)
        ctx.direction, ctx.again = direction, again
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*tensors, tape.gates, tape.kept, tape.outputs)
        ctx.mark_non_differentiable(*(t for t in (tape.gates, tape.kept) if t is not None))
        return tape.outputs, tape.gates, tape.kept, *tape.final

    @staticmethod
    def backward(ctx: Any, *d_all: Tensor | None) -> Maybe:
        d_results = (d_all[0], *d_all[3:])  # gates and what else is kept have none
        *tensors, gates, kept, outputs = ctx.saved_tensors
        if torch.is_grad_enabled():
            return None, None, *ctx.again.gradients(tuple(tensors), d_results)
        tape = Tape(gates, kept, outputs, ())
        of_data = ctx.needs_input_grad[2]
        found = run_backward(ctx.direction, tape, tuple(tensors), d_results, of_data=of_data)
        return None, None, *found


def run_backward(
    direction: Direction, tape: Tape, tensors: Maybe, d_results: Maybe, *, of_data: bool
) -> Maybe:
    """Gradients of the tensors that `run_forward` took, in their order; None for one not given."""
    data, hidden, cell, w_ih, w_hh, b_ih, _ = (
        None if t is None else t.contiguous() for t in tensors
    )
    d = native.backward(
        direction,
        tape,
        _there(data),
        tuple(part for part in (hidden, cell) if part is not None),
        (_there(w_ih), _there(w_hh)),
        tuple(None if result is None else result.contiguous() for result in d_results),
        of_data=of_data,
    )
    d_weights = (d.weights.inputs, d.weights.recurrent)
    d_biases = (None, None) if b_ih is None else (d.weights.input_bias, d.weights.bias)
    return d.data, *filled(d.state, 2), *d_weights, *d_biases
