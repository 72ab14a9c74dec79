"""Moving rows between two orders when every row has one place, or none, in the other.

torch's general gather sums gradients that meet in one row, with a slow loop on a CPU. Here no two
ever meet, so both directions are one fast copy.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from vartai.kernels.reach import in_a_transform


class _Regroup(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, there: Tensor, back: Tensor) -> Tensor:
        ctx.save_for_backward(there, back)
        return _gather(rows, there)

    @staticmethod
    def backward(ctx: Any, *d_outputs: Tensor) -> tuple[Tensor, None, None]:
        there, back = ctx.saved_tensors
        return regroup(d_outputs[0], back, there), None, None


def _gather(rows: Tensor, index: Tensor) -> Tensor:
    """Rows by index, where an index equal to the number of rows means a row of zeros."""
    with_zero = torch.cat([rows, rows.new_zeros(1, *rows.shape[1:])])
    return with_zero.index_select(0, index)


def regroup(rows: Tensor, there: Tensor, back: Tensor) -> Tensor:
    """Rows in another order, with rows of zeros where nothing belongs.

    Args:
        rows: ``[N, …]``.
        there: ``[M]``, int64. Which row stands at each new place; N where none does.
        back: ``[N]``, int64. The new place of each row; M where it has none. The inverse of
            `there`, which is not checked.

    Returns:
        ``[M, …]``. Differentiable, twice too.
    """
    if in_a_transform():  # which this way round autograd does not know
        return _gather(rows, there)
    result: Tensor = _Regroup.apply(rows, there, back)  # type: ignore[no-untyped-call]
    return result


class TimeGrid:
    """Where each row of a ragged batch stands in a ``[T, B]`` grid, and back.

    Args:
        lengths: ``[B]``, int64, CPU.
        steps: T, at least the longest length.
        device: where the rows are.
        reverse: each sequence stands in the grid from its last step to its first.
    """

    def __init__(
        self, lengths: Tensor, *, steps: int, device: torch.device, reverse: bool = False
    ) -> None:
        count = lengths.numel()
        rows = int(lengths.sum())
        starts = lengths.cumsum(0) - lengths
        step = torch.arange(rows) - starts.repeat_interleave(lengths)
        if reverse:
            step = lengths.repeat_interleave(lengths) - 1 - step
        place = step * count + torch.arange(count).repeat_interleave(lengths)
        grid = torch.full((steps * count,), rows)
        grid[place] = torch.arange(rows)
        self.steps = steps
        self.sequences = count
        self._row_at_place = grid.to(device)
        self._place_of_row = place.to(device)

    def spread(self, rows: Tensor) -> Tensor:
        """``[N, …]`` to ``[T, B, …]``, zeros where no step is."""
        flat = regroup(rows, self._row_at_place, self._place_of_row)
        return flat.view(self.steps, self.sequences, *rows.shape[1:])

    def collect(self, grid: Tensor) -> Tensor:
        """``[T, B, …]`` to ``[N, …]``; what stands where no step is does not count."""
        flat = grid.reshape(self.steps * self.sequences, *grid.shape[2:])
        return regroup(flat, self._place_of_row, self._row_at_place)
