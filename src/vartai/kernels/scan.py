"""Elementwise (diagonal) recurrences over ragged rows: the door, and the ways through it.

A unit of the state reads its own value before the step and no other, so a step costs a few
operations a unit and a layer is one large product with its inputs, made outside, and one pass over
the rows. float32 on a CPU runs in the compiled core; linear kinds on a GPU by doubling; all else,
and a gradient that is to be differentiated again, in a loop of torch's operators. All are in linear
space: the gated forms are convex combinations, exact enough in float32 and indifferent to signs,
which the logarithmic forms made for parallel hardware are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vartai.errors import unknown_name
from vartai.kernels.native.scan import (
    KINDS,
    Scan,
    plan_scan,
    require_fit,
    scan_backward,
    scan_forward,
)
from vartai.kernels.recurrence import takes
from vartai.kernels.scan_doubling import run_doubled
from vartai.kernels.scan_loop import Inputs, decay_and_drive, run_looped
from vartai.sequences import SequenceBatch

Maybe = tuple[Tensor | None, ...]


def run_scan(
    kind: str,
    inputs: Inputs,
    lengths: Tensor,
    hidden: Tensor,
    *,
    recurrent: Tensor | None = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    """Scan every sequence.

    ==============  =======  ============================================
    kind            inputs   one step, with c a candidate made of v
    ==============  =======  ============================================
    diagonal        a, b     h' = a h + b
    ind_rnn_A       s        h' = A(s + u h), A one of tanh, relu
    min_gru_C       k, v     z = σ(k); h' = (1 - z) h + z c
    min_lstm_C      f, i, v  F = σ(f); I = σ(i); h' = (F h + I c)/(F + I)
    ==============  =======  ============================================

    C is ``identity`` (c = v), ``tanh``, or ``g`` (c = v + 1/2 where v ≥ 0, else σ(v)).

    Args:
        kind: a name of the table, such as ``min_gru_tanh``.
        inputs: P blocks ``[N, H]`` in the order of the table, or one stacked ``[N, P·H]``.
        lengths: ``[B]``, int64, CPU. They add up to N; zero allowed.
        hidden: ``[B, H]``. State before the first step taken.
        recurrent: ``[H]``, the u of an IndRNN; None for the others.
        reverse: take the steps from each sequence's last to its first.

    Returns:
        outputs ``[N, H]`` in the order of the rows, and the state ``[B, H]`` after the last step
        taken; a sequence of length zero keeps its initial state.

    Raises:
        OptionError: there is no such kind.
        ValueError: shapes that do not belong together.
    """
    if kind not in KINDS:
        raise unknown_name("scan", kind, KINDS)
    weights = () if recurrent is None else (recurrent,)
    if takes(SequenceBatch(inputs[0], lengths), (hidden,), (*inputs[1:], *weights)):
        return _run_native(kind, inputs, lengths, hidden, recurrent, reverse=reverse)
    require_fit(kind, inputs, lengths, hidden, recurrent)
    if recurrent is None and inputs[0].device.type != "cpu":
        decay, drive = decay_and_drive(kind, inputs)
        return run_doubled(decay, SequenceBatch(drive, lengths), hidden, reverse=reverse)
    batch = SequenceBatch(inputs[0], lengths)
    return run_looped(kind, inputs, batch, hidden, recurrent=recurrent, reverse=reverse)


def diagonal_scan(
    decay: Tensor, drive: Tensor, lengths: Tensor, hidden: Tensor, *, reverse: bool = False
) -> tuple[Tensor, Tensor]:
    """``h' = decay · h + drive``, the recurrence that linear cells are made of.

    Args:
        decay: ``[N, H]``.
        drive: ``[N, H]``.
        lengths: as `run_scan` has it.
        hidden: as `run_scan` has it.
        reverse: as `run_scan` has it.

    Returns:
        As `run_scan`.

    Example:
        >>> halves, ones = torch.full((3, 1), 0.5), torch.ones(3, 1)
        >>> outputs, final = diagonal_scan(halves, ones, torch.tensor([3]), torch.zeros(1, 1))
        >>> outputs.flatten().tolist(), final.item()
        ([1.0, 1.5, 1.75], 1.75)
    """
    return run_scan("diagonal", (decay, drive), lengths, hidden, reverse=reverse)


def _run_native(
    kind: str,
    inputs: Inputs,
    lengths: Tensor,
    hidden: Tensor,
    recurrent: Tensor | None,
    *,
    reverse: bool,
) -> tuple[Tensor, Tensor]:
    scan = plan_scan(kind, inputs, lengths, hidden, recurrent, reverse=reverse)
    tensors = (hidden, *([] if recurrent is None else [recurrent]), *inputs)
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
        again = _Again(kind, lengths, reverse)
        result: tuple[Tensor, Tensor] = _Scan.apply(scan, again, hidden, recurrent, *inputs)  # type: ignore[no-untyped-call]
        return result
    return _forward(scan, hidden, recurrent, inputs)


def _forward(
    scan: Scan, hidden: Tensor, recurrent: Tensor | None, inputs: Inputs
) -> tuple[Tensor, Tensor]:
    weights = None if recurrent is None else recurrent.contiguous()
    return scan_forward(scan, _contiguous(inputs), hidden.contiguous(), weights)


def _contiguous(tensors: Inputs) -> Inputs:
    return tuple(tensor.contiguous() for tensor in tensors)


@dataclass(frozen=True)
class _Again:
    """What it takes to scan once more through torch's operators."""

    kind: str
    lengths: Tensor
    reverse: bool

    def gradients(
        self, hidden: Tensor, recurrent: Tensor | None, inputs: Inputs, d_results: Maybe
    ) -> Maybe:
        """Gradients of the tensors, which can be differentiated; None for one that needs none."""
        # A tensor may have come in two places; a view of it in each keeps their gradients apart.
        hidden, inputs = hidden.view_as(hidden), tuple(block.view_as(block) for block in inputs)
        recurrent = None if recurrent is None else recurrent.view_as(recurrent)
        given = (hidden, recurrent, *inputs)
        batch = SequenceBatch(inputs[0].detach(), self.lengths)
        results = run_looped(
            self.kind, inputs, batch, hidden, recurrent=recurrent, reverse=self.reverse
        )
        pairs = [
            (result, d)
            for result, d in zip(results, d_results, strict=True)
            if d is not None and result.requires_grad
        ]
        found = iter(
            torch.autograd.grad(
                [result for result, _ in pairs],
                [t for t in given if t is not None and t.requires_grad],
                [d for _, d in pairs],
                create_graph=True,
                allow_unused=True,
            )
        )
        return tuple(next(found) if t is not None and t.requires_grad else None for t in given)


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        scan: Scan,
        again: _Again,
        hidden: Tensor,
        recurrent: Tensor | None,
        *inputs: Tensor,
    ) -> tuple[Tensor, Tensor]:
        outputs, final = _forward(scan, hidden, recurrent, inputs)
        ctx.scan, ctx.again = scan, again
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(hidden, recurrent, outputs, *inputs)
        return outputs, final

    @staticmethod
    def backward(ctx: Any, *d_results: Tensor | None) -> Maybe:
        hidden, recurrent, outputs, *inputs = ctx.saved_tensors
        if torch.is_grad_enabled():
            again = ctx.again.gradients(hidden, recurrent, tuple(inputs), d_results)
            return None, None, *again
        d_outputs, d_final = (None if d is None else d.contiguous() for d in d_results)
        d = scan_backward(
            ctx.scan,
            _contiguous(inputs),
            hidden.contiguous(),
            None if recurrent is None else recurrent.contiguous(),
            outputs,
            (d_outputs, d_final),
        )
        return None, None, d.hidden, d.recurrent, *d.inputs
