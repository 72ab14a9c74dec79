"""Sequences in a graph that is being traced: padded tensors, with lengths or without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from vartai.kernels.padded import PaddedBatch, checked_lengths
from vartai.nn.layouts import AnySequences, Layout, Sequences, read_layout, require_lengths


@dataclass(frozen=True, eq=False)
class TracedLayout:
    """Sequences as a padded batch, and the way back; as `vartai.nn.layouts.Layout`."""

    batch: PaddedBatch
    restore: Callable[[Tensor], Tensor]
    batched: bool = True


def read_inputs(
    inputs: Sequences, lengths: Tensor | None, *, batch_first: bool, resets: bool = False
) -> Layout[Sequences] | TracedLayout:
    """The inputs of recurrent layers, as ragged rows, or padded in a graph that is being traced.

    Args:
        inputs: in a form of `vartai.nn.layouts`.
        lengths: ``[B]``. Valid steps of each padded sequence, zero allowed.
        batch_first: padded tensors are ``[B, T, D]``.
        resets: whether states restart within sequences.

    Raises:
        ValueError: as `vartai.nn.layouts.read_layout`; or the number of rows depends on what is in
            a tensor, so there is no graph of it.
    """
    if not torch.compiler.is_compiling():
        return read_layout(inputs, lengths, name="inputs", batch_first=batch_first)
    if resets:
        raise ValueError(
            "reset has no place in a traced graph: where a state restarts is not known"
        )
    return _read_traced(inputs, lengths, batch_first=batch_first)


def _read_traced(
    inputs: AnySequences, lengths: Tensor | None, *, batch_first: bool
) -> TracedLayout:
    if not isinstance(inputs, Tensor) or inputs.is_nested:
        raise ValueError(
            "a traced graph takes sequences as a padded tensor, with lengths= where they differ; "
            f"inputs were a {type(inputs).__name__}, whose number of rows is not known"
        )
    if inputs.dim() == 2 and lengths is None:
        return TracedLayout(
            PaddedBatch(inputs, 1, inputs.size(0)), lambda rows: rows, batched=False
        )
    if inputs.dim() != 3:
        raise ValueError(
            f"inputs must have 2 dimensions without a batch or 3 with one, and no lengths without "
            f"one, was {list(inputs.shape)}"
        )
    by_sequence = inputs if batch_first else inputs.transpose(0, 1)
    count, steps, size = by_sequence.shape
    if lengths is not None:
        require_lengths(lengths, count, "inputs")
        lengths = checked_lengths(lengths.to("cpu", torch.int64), steps)

    def restore(rows: Tensor) -> Tensor:
        grid = rows.view(count, steps, rows.size(1))
        return grid if batch_first else grid.transpose(0, 1)

    rows = by_sequence.reshape(count * steps, size)
    return TracedLayout(PaddedBatch(rows, count, steps, lengths), restore)
