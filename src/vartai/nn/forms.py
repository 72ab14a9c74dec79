"""The forms in which sequences come to a layer, and in which its outputs go back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

from vartai.sequences import SequenceBatch

State = tuple[Tensor, ...]
Sequences = TypeVar("Sequences", Tensor, PackedSequence, SequenceBatch)
# From a batch, and the state before it or None for zeros, to its outputs and the state after it;
# states are [layers·directions, B, H] each.
Run = Callable[[SequenceBatch, State | None], tuple[SequenceBatch, State]]


def run_in_form(
    run: Run,
    inputs: Sequences,
    state: State | None,
    lengths: Tensor | None,
    *,
    batch_first: bool,
) -> tuple[Sequences, State]:
    """Run a layer on sequences in any form; outputs come in the form of the inputs.

    Args:
        run: the layer, on ragged rows.
        inputs: a `SequenceBatch`, a `PackedSequence`, a padded tensor ``[T, B, D]`` (``[B, T, D]``
            with `batch_first`), or one sequence ``[T, D]``.
        state: ``[layers·directions, B, H]`` each, without B for one sequence; None for zeros.
        lengths: ``[B]``. Valid steps of each padded sequence, zero allowed; None for all of them.
        batch_first: how a padded tensor is laid out.

    Returns:
        Outputs, zeros past each end in a padded tensor, and the state, shaped as `state` is.

    Raises:
        ValueError: lengths for sequences that are not padded, or a tensor of 0, 1 or 4 dimensions.
    """
    if lengths is not None and not (isinstance(inputs, Tensor) and inputs.dim() == 3):
        raise ValueError(
            "lengths= belongs to a padded tensor of 3 dimensions, and to no other form"
        )
    if isinstance(inputs, SequenceBatch):
        return run(inputs, state)
    if isinstance(inputs, PackedSequence):
        rows, final = run(SequenceBatch.from_packed(inputs), state)
        return rows.packed(), final
    if inputs.dim() == 2:
        return _run_one(run, inputs, state)
    if inputs.dim() != 3:
        raise ValueError(f"inputs must have 2 or 3 dimensions, was {list(inputs.shape)}")
    return _run_padded(run, inputs, state, lengths, batch_first=batch_first)


def _run_padded(
    run: Run, inputs: Tensor, state: State | None, lengths: Tensor | None, *, batch_first: bool
) -> tuple[Tensor, State]:
    count, steps = inputs.shape[:2] if batch_first else inputs.shape[1::-1]
    if lengths is None:
        lengths = torch.full((count,), steps)
    rows, final = run(SequenceBatch.from_padded(inputs, lengths, batch_first=batch_first), state)
    padded = functional.pad(rows.padded(batch_first=True), (0, 0, 0, steps - rows.steps))
    return padded if batch_first else padded.transpose(0, 1), final


def _run_one(run: Run, inputs: Tensor, state: State | None) -> tuple[Tensor, State]:
    """One sequence ``[T, D]``; its state has no dimension of sequences."""
    start = None if state is None else tuple(part.unsqueeze(1) for part in state)
    rows, final = run(SequenceBatch.from_sequences([inputs]), start)
    return rows.data, tuple(part.squeeze(1) for part in final)
