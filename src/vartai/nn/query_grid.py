"""Rows that ask for several sequences, in a grid: those that ask one sequence stand side by side.

A beam search has several rows for one source. Its annotations are kept once; the rows go to them.
"""

from __future__ import annotations

import torch
from torch import Tensor


class QueryGrid:
    """Where each of R rows stands in a grid ``[B, K]``, K the most rows of one sequence.

    Args:
        sequence: ``[R]``, int64, CPU, rising: which of the B sequences each row asks.
        count: B.

    Example:
        >>> grid = QueryGrid(torch.tensor([0, 0, 2]), 3)
        >>> spread = grid.spread(torch.tensor([[1.0], [2.0], [3.0]]))
        >>> spread.squeeze(2).tolist()
        [[1.0, 2.0], [0.0, 0.0], [3.0, 0.0]]
        >>> grid.collect(spread).squeeze(1).tolist()
        [1.0, 2.0, 3.0]
    """

    def __init__(self, sequence: Tensor, count: int) -> None:
        sizes = torch.bincount(sequence, minlength=count)
        self._count = count
        self._widest = int(sizes.max()) if len(sequence) else 0
        slot = torch.arange(len(sequence)) - (sizes.cumsum(0) - sizes)[sequence]
        self._place = sequence * self._widest + slot

    def spread(self, rows: Tensor) -> Tensor:
        """``[R, Q]`` to ``[B, K, Q]``, zeros where no row is."""
        empty = rows.new_zeros(self._count * self._widest, rows.size(1))
        grid = empty.index_copy_(0, self._place.to(rows.device), rows)
        return grid.view(self._count, self._widest, rows.size(1))

    def collect(self, grid: Tensor) -> Tensor:
        """``[B, K, F]`` to ``[R, F]``."""
        return grid.flatten(0, 1)[self._place.to(grid.device)]
