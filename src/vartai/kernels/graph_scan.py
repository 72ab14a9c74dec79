"""Elementwise recurrences of layers, and as one operator of a traced graph.

As `vartai.kernels.graph_recurrence`: a graph calls the core through ``torch.ops.vartai.scan``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from vartai.kernels import native
from vartai.kernels.native.scan import plan_scan, scan_backward, scan_forward
from vartai.kernels.padded import AnyBatch, PaddedBatch, onto_grid, rows_of, rows_that_count
from vartai.kernels.reach import traceable
from vartai.kernels.scan import run_scan
from vartai.kernels.scan_loop import run_looped


def scan_batch(
    kind: str,
    batch: AnyBatch,
    hidden: Tensor,
    *,
    recurrent: Tensor | None = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    """Scan every sequence of a batch.

    Args:
        kind: as `vartai.kernels.scan.run_scan` has it.
        batch: data ``[…, P·H]``: all blocks of inputs, stacked.
        hidden: ``[B, H]``. State before the first step taken.
        recurrent: ``[H]``, the u of an IndRNN; None for the others.
        reverse: take the steps from each sequence's last to its first.

    Returns:
        outputs ``[…, H]``, zeros in rows that do not count, and the state ``[B, H]`` after the last
        step taken.
    """
    if not isinstance(batch, PaddedBatch):
        inputs = (batch.data,)
        return run_scan(kind, inputs, batch.lengths, hidden, recurrent=recurrent, reverse=reverse)
    weights = [] if recurrent is None else [recurrent]
    if native.HAS_CORE and traceable((batch.data, hidden, *weights)):
        outputs, final = scan(kind, batch.data, batch.lengths, hidden, recurrent, reverse)
        return outputs, final
    return run_looped(kind, (batch.data,), batch, hidden, recurrent=recurrent, reverse=reverse)


@torch.library.custom_op("vartai::scan", mutates_args=(), device_types="cpu")
def scan(
    kind: str,
    data: Tensor,
    lengths: Tensor | None,
    hidden: Tensor,
    recurrent: Tensor | None,
    reverse: bool,
) -> tuple[Tensor, Tensor]:
    """One scan, forward.

    Args:
        kind: as in `scan_batch`.
        data: ``[B, T, P·H]``.
        lengths: ``[B]``, int64, CPU: steps that count; None if all do.
        hidden: as in `scan_batch`.
        recurrent: as in `scan_batch`.
        reverse: as in `scan_batch`.

    Returns:
        outputs ``[B, T, H]`` and the final state ``[B, H]``.
    """
    valid = rows_that_count(data, lengths)
    inputs, hidden, weights = (rows_of(data, valid).contiguous(),), hidden.contiguous(), recurrent
    weights = None if weights is None else weights.contiguous()
    plan = plan_scan(kind, inputs, _lengths(data, lengths), hidden, weights, reverse=reverse)
    outputs, final = scan_forward(plan, inputs, hidden, weights)
    return onto_grid(outputs, data.shape[:2], valid), final


@scan.register_fake
def _(
    _kind: str,
    data: Tensor,
    _lengths: Tensor | None,
    hidden: Tensor,
    _recurrent: Tensor | None,
    _reverse: bool,
) -> tuple[Tensor, Tensor]:
    return data.new_empty(*data.shape[:2], hidden.size(1)), hidden.new_empty(hidden.shape)


@torch.library.custom_op("vartai::scan_backward", mutates_args=(), device_types="cpu")
def scan_gradients(
    kind: str,
    lengths: Tensor | None,
    tensors: Sequence[Tensor],
    outputs: Tensor,
    d_outputs: Tensor | None,
    d_final: Tensor | None,
    reverse: bool,
) -> list[Tensor]:
    """One scan, back through time.

    Args:
        kind: as in `scan`.
        lengths: as in `scan`.
        tensors: data, hidden and recurrent of `scan`, those that were given.
        outputs: what `scan` returned.
        d_outputs: of the outputs; None counts as zeros.
        d_final: of the final state; None counts as zeros.
        reverse: as in `scan`.

    Returns:
        The gradient of each of `tensors`.
    """
    data = tensors[0]
    valid = rows_that_count(data, lengths)
    inputs, hidden = (rows_of(data, valid).contiguous(),), tensors[1].contiguous()
    weights = tensors[2].contiguous() if len(tensors) > 2 else None
    plan = plan_scan(kind, inputs, _lengths(data, lengths), hidden, weights, reverse=reverse)
    d_rows = None if d_outputs is None else rows_of(d_outputs, valid).contiguous()
    d_results = (d_rows, None if d_final is None else d_final.contiguous())
    rows = rows_of(outputs, valid).contiguous()
    d = scan_backward(plan, inputs, hidden, weights, rows, d_results)
    d_data = onto_grid(d.inputs[0], data.shape[:2], valid)
    return [d_data, d.hidden] if d.recurrent is None else [d_data, d.hidden, d.recurrent]


@scan_gradients.register_fake
def _(
    _kind: str,
    _lengths: Tensor | None,
    tensors: Sequence[Tensor],
    _outputs: Tensor,
    _d_outputs: Tensor | None,
    _d_final: Tensor | None,
    _reverse: bool,
) -> list[Tensor]:
    return [tensor.new_empty(tensor.shape) for tensor in tensors]


def _keep_for_gradients(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
    kind, data, lengths, hidden, recurrent, reverse = inputs
    ctx.kind, ctx.reverse = kind, reverse
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(lengths, output[0], data, hidden, recurrent)


def _gradients(ctx: Any, d_outputs: Tensor | None, d_final: Tensor | None) -> tuple[Any, ...]:
    lengths, outputs, *tensors = ctx.saved_tensors
    there = [tensor for tensor in tensors if tensor is not None]
    found = scan_gradients(ctx.kind, lengths, there, outputs, d_outputs, d_final, ctx.reverse)
    d_data, d_hidden, d_recurrent = (*found, None)[:3]
    return None, d_data, None, d_hidden, d_recurrent, None


scan.register_autograd(_gradients, setup_context=_keep_for_gradients)


def _lengths(data: Tensor, lengths: Tensor | None) -> Tensor:
    return torch.full((data.size(0),), data.size(1)) if lengths is None else lengths
