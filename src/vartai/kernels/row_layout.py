"""The forms in which torch hands over a batch, as rows of one sequence after another and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from vartai.sequences import PackedOrder


@dataclass(frozen=True)
class DenseLayout:
    """``[T, B, …]``, or ``[B, T, …]`` with `batch_first`: all sequences have all steps."""

    steps: int
    sequences: int
    batch_first: bool

    @classmethod
    def of(cls, data: Tensor, *, batch_first: bool) -> DenseLayout:
        """The layout of ``[T, B, D]``, or ``[B, T, D]``."""
        first, second, _ = data.shape
        steps, sequences = (second, first) if batch_first else (first, second)
        return cls(steps, sequences, batch_first)

    @property
    def lengths(self) -> Tensor:
        """``[B]``, int64, CPU."""
        return torch.full((self.sequences,), self.steps)

    @property
    def one_step(self) -> bool:
        """Whether every sequence has one step."""
        return self.steps == 1

    def rows(self, data: Tensor) -> Tensor:
        """``[B·T, …]``: one sequence after another."""
        return (data if self.batch_first else data.transpose(0, 1)).flatten(0, 1)

    def data(self, rows: Tensor) -> Tensor:
        """Back to this layout, contiguous.

        Where there will be gradients it is in memory of its own: what the caller does to outputs in
        place must not reach what is kept for them.
        """
        grid = rows.view(self.sequences, self.steps, -1)
        if not self.batch_first:
            grid = grid.transpose(0, 1)
        if rows.requires_grad:
            return grid.clone(memory_format=torch.contiguous_format)
        return grid.contiguous()

    def dropout_mask(self, rows: Tensor, share: float) -> Tensor:
        """What to multiply `rows` by, drawn in the order in which torch draws it."""
        drawn = _drawn_mask(rows, (self.steps, self.sequences, rows.size(1)), share)
        return drawn.transpose(0, 1).reshape(rows.shape)


@dataclass(frozen=True)
class PackedLayout:
    """The data of a `PackedSequence`, whose sequences stay longest first."""

    batch_sizes: Tensor

    @cached_property
    def _order(self) -> PackedOrder:
        return PackedOrder(self.batch_sizes)

    @property
    def lengths(self) -> Tensor:
        """``[B]``, int64, CPU, descending."""
        return self._order.lengths

    @property
    def one_step(self) -> bool:
        """Whether every sequence has one step."""
        return self.batch_sizes.numel() == 1

    def rows(self, data: Tensor) -> Tensor:
        """``[N, …]``: one sequence after another."""
        return self._order.unpacked(data)

    def data(self, rows: Tensor) -> Tensor:
        """Back to packed order."""
        return self._order.packed(rows)

    def dropout_mask(self, rows: Tensor, share: float) -> Tensor:
        """What to multiply `rows` by, drawn in the order in which torch draws it."""
        return self._order.unpacked(_drawn_mask(rows, tuple(rows.shape), share))


def _drawn_mask(like: Tensor, shape: tuple[int, ...], share: float) -> Tensor:
    return like.new_empty(shape).bernoulli_(1 - share).div_(1 - share)
