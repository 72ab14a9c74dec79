"""Sequences in a graph that is being traced: padded tensors, with lengths or without."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from vartai.kernels.padded import AnyBatch, PaddedBatch, checked_lengths
from vartai.nn.layouts import AnySequences, Layout, Sequences, read_layout, require_lengths


def read_inputs(
    inputs: Sequences, lengths: Tensor | None, *, batch_first: bool
) -> Layout[Sequences, AnyBatch]:
    """The inputs of recurrent layers: ragged rows, or padded ones in a graph that is being traced.

    Args:
        inputs: in a form of `vartai.nn.layouts`.
        lengths: ``[B]``. Valid steps of each padded sequence, zero allowed.
        batch_first: padded tensors are ``[B, T, D]``.

    Raises:
        ValueError: as `vartai.nn.layouts.read_layout`; or the number of rows depends on what is in
            a tensor, so there is no graph of it.
    """
    if not torch.compiler.is_compiling():
        return read_layout(inputs, lengths, name="inputs", batch_first=batch_first)
    layout = _read_traced(inputs, lengths, batch_first=batch_first)
    return cast("Layout[Sequences, AnyBatch]", layout)


def _read_traced(
    inputs: AnySequences, lengths: Tensor | None, *, batch_first: bool
) -> Layout[Tensor, PaddedBatch]:
    if not isinstance(inputs, Tensor) or inputs.is_nested:
        raise ValueError(
            "a traced graph takes sequences as a padded tensor, with lengths= where they differ; "
            f"inputs were a {type(inputs).__name__}, whose number of rows is not known"
        )
    if inputs.dim() == 2 and lengths is None:
        batch = PaddedBatch(inputs.unsqueeze(0))
        return Layout(batch, lambda rows: rows.squeeze(0), batched=False)
    if inputs.dim() != 3:
        raise ValueError(
            "inputs must have 3 dimensions, or 2 and no lengths without a batch, was "
            f"{list(inputs.shape)}"
        )
    grid = inputs if batch_first else inputs.transpose(0, 1)
    count, steps, _ = grid.shape
    if lengths is not None:
        require_lengths(lengths, count, "inputs")
        lengths = checked_lengths(lengths.to("cpu", torch.int64), steps)
        # What stands past an end may be anything; a NaN would reach gradients through a product.
        valid = torch.arange(steps) < lengths[:, None]
        grid = grid.where(valid.unsqueeze(2).to(inputs.device), 0)
    return Layout(
        PaddedBatch(grid, lengths), lambda rows: rows if batch_first else rows.transpose(0, 1)
    )
