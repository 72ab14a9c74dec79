"""The forms in which sequences come, and how outputs get the form of the inputs.

Tensor [T, B, D], [B, T, D] if batch_first      padded; lengths beside it, or all T
Tensor [T, D]                                    one sequence, without a batch
Tensor, nested, jagged layout [B, j, D]
PackedSequence
SequenceBatch
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from vartai.kernels.padded import AnyBatch
from vartai.sequences import PackedOrder, SequenceBatch

Sequences = TypeVar("Sequences", Tensor, PackedSequence, SequenceBatch)
Batch = TypeVar("Batch", bound=AnyBatch, covariant=True)
AnySequences = Tensor | PackedSequence | SequenceBatch


@dataclass(frozen=True, eq=False)
class Layout(Generic[Sequences, Batch]):
    """Sequences as a ragged batch, or a padded one in a traced graph, and the way back.

    Args:
        batch: data ``[N, …]``.
        restore: rows ``[N, …]`` in the order of `batch`, in the form of what was read.
        batched: whether states have a dimension of sequences.
    """

    batch: Batch
    restore: Callable[[Tensor], Sequences]
    batched: bool = True


def read_layout(
    sequences: Sequences,
    lengths: Tensor | None,
    *,
    name: str,
    batch_first: bool,
    row_dim: int = 1,
) -> Layout[Sequences, SequenceBatch]:
    """Find the form of some sequences.

    Args:
        sequences: in one of the forms above.
        lengths: ``[B]``. Valid steps of each padded sequence, zero allowed.
        name: what to call them in an error.
        batch_first: padded tensors are ``[B, T, …]``.
        row_dim: dimensions of one row: 1 for vectors, 0 for numbers.

    Raises:
        ValueError: dimensions that no form has, or lengths where they have no meaning or do not
            fit.
    """
    if isinstance(sequences, Tensor) and not sequences.is_nested:
        if sequences.dim() == 2 + row_dim:
            return _padded(sequences, lengths, name=name, batch_first=batch_first)
        if sequences.dim() != 1 + row_dim:
            raise ValueError(
                f"{name} must have {1 + row_dim} dimensions, or {2 + row_dim} with a batch, "
                f"was {list(sequences.shape)}"
            )
    if lengths is not None:
        raise ValueError(f"lengths belong to a padded batch; {name} was {_kind(sequences)}")
    if isinstance(sequences, SequenceBatch):
        batch = sequences
        layout: Layout[Sequences, SequenceBatch] = Layout(batch, batch.with_data)
    elif isinstance(sequences, PackedSequence):
        layout = _packed(sequences)
    elif sequences.is_nested:
        layout = _nested(sequences, name=name)
    else:
        layout = Layout(SequenceBatch.from_sequences([sequences]), lambda rows: rows, batched=False)
    if layout.batch.data.dim() != 1 + row_dim:
        raise ValueError(
            f"{name} must have rows of {row_dim} dimensions, was {list(layout.batch.data.shape)}"
        )
    return layout


def _kind(sequences: AnySequences) -> str:
    if not isinstance(sequences, Tensor):
        return f"a {type(sequences).__name__}"
    return "a nested tensor" if sequences.is_nested else "one sequence"


def _padded(
    padded: Tensor, lengths: Tensor | None, *, name: str, batch_first: bool
) -> Layout[Tensor, SequenceBatch]:
    by_sequence = padded if batch_first else padded.transpose(0, 1)
    count, steps = by_sequence.shape[:2]
    if lengths is None:
        batch = SequenceBatch.from_equal(by_sequence)
    else:
        require_lengths(lengths, count, name)
        batch = SequenceBatch.from_padded(by_sequence, lengths, batch_first=True)

    def restore(rows: Tensor) -> Tensor:
        if lengths is None:
            grid = rows.view(count, steps, *rows.shape[1:])
        else:
            grid = batch.with_data(rows).padded(batch_first=True)
            past = [0, 0] * (rows.dim() - 1) + [0, steps - batch.steps]
            grid = nn.functional.pad(grid, past)
        return grid if batch_first else grid.transpose(0, 1)

    return Layout(batch, restore)


def require_lengths(lengths: Tensor, count: int, name: str) -> None:
    """Refuse lengths that are not one whole number a sequence."""
    whole = not (lengths.is_floating_point() or lengths.is_complex() or lengths.dtype == torch.bool)
    if lengths.shape != (count,) or not whole:
        raise ValueError(
            f"lengths must be whole numbers [{count}], one a sequence of {name}; "
            f"was {list(lengths.shape)}, {lengths.dtype}"
        )


def _packed(packed: PackedSequence) -> Layout[PackedSequence, SequenceBatch]:
    order = PackedOrder(packed.batch_sizes, packed.unsorted_indices)

    def restore(rows: Tensor) -> PackedSequence:
        indices = packed.sorted_indices, packed.unsorted_indices
        return PackedSequence(order.packed(rows), packed.batch_sizes, *indices)

    return Layout(SequenceBatch(order.unpacked(packed.data), order.lengths), restore)


# Any: torch's types do not know what only nested tensors have.
def _nested(nested: Any, *, name: str) -> Layout[Tensor, SequenceBatch]:
    if nested.layout != torch.jagged:
        raise ValueError(
            f"{name}: a nested tensor must have the jagged layout, was {nested.layout}"
        )
    if nested.lengths() is not None:
        raise ValueError(f"{name}: a nested tensor must have no holes between its sequences")
    offsets = nested.offsets()

    def restore(rows: Tensor) -> Tensor:
        return torch.nested.nested_tensor_from_jagged(rows, offsets=offsets)

    return Layout(SequenceBatch(nested.values(), offsets.diff().cpu()), restore)
