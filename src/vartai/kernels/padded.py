"""Padded batches: what sequences are in a graph that is being traced.

A graph is made before any length is known, so how many rows there are must not depend on lengths.
Here every sequence has T rows, of which its length counts; `vartai.sequences.SequenceBatch`, which
holds no padding, is what everything outside a graph works with.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vartai.sequences import SequenceBatch


@dataclass(frozen=True, eq=False)
class PaddedBatch:
    """B sequences of T rows each, of which the first ones count.

    Args:
        data: ``[B, T, …]``.
        lengths: ``[B]``, int64, CPU. Steps that count, at most T, zero allowed; None if all do.
            Nobody looks at them while a graph is traced: `checked_lengths` does when it runs.
    """

    data: Tensor
    lengths: Tensor | None = None

    @property
    def count(self) -> int:
        """B."""
        return self.data.size(0)

    @property
    def steps(self) -> int:
        """T."""
        return self.data.size(1)

    def with_data(self, data: Tensor) -> PaddedBatch:
        """The same sequences with other rows, ``[B, T, …]``."""
        return PaddedBatch(data, self.lengths)


AnyBatch = SequenceBatch | PaddedBatch


@torch.library.custom_op("vartai::checked_lengths", mutates_args=())
def checked_lengths(lengths: Tensor, steps: int) -> Tensor:
    """Lengths as they are, once the graph runs and they can be looked at.

    Raises:
        ValueError: one is negative, or exceeds the steps there are.
    """
    wrong = (lengths < 0) | (lengths > steps)
    if bool(wrong.any()):
        place = int(wrong.nonzero()[0])
        raise ValueError(
            f"length {int(lengths[place])} of sequence {place} is not one of 0 to {steps}, the "
            "steps there are"
        )
    return lengths.clone()


@checked_lengths.register_fake
def _(lengths: Tensor, _steps: int) -> Tensor:
    return torch.empty_like(lengths)


def rows_that_count(data: Tensor, lengths: Tensor | None) -> Tensor | None:
    """``[B, T]``, bool: which rows of ``[B, T, …]`` count; None if all do."""
    if lengths is None:
        return None
    valid = torch.arange(data.size(1)) < lengths[:, None]
    return None if bool(valid.all()) else valid


def rows_of(grid: Tensor, valid: Tensor | None) -> Tensor:
    """``[N, …]`` that count, of ``[B, T, …]``."""
    return grid.flatten(0, 1) if valid is None else grid[valid]


def onto_grid(rows: Tensor, shape: tuple[int, ...], valid: Tensor | None) -> Tensor:
    """Rows ``[N, …]`` where they belong in ``[B, T, …]``, zeros elsewhere; the shape is B, T."""
    if valid is None:
        return rows.view(*shape, *rows.shape[1:])
    grid = rows.new_zeros(*shape, *rows.shape[1:])
    grid[valid] = rows
    return grid
