"""A linear layer for single steps, in which no row depends on the rows beside it, bit for bit."""

from __future__ import annotations

import torch
from torch import Tensor


class RowProduct:
    """``x W^T + b``, float32 on the CPU, with weights copied once. No gradient flows through it.

    A product of many rows is summed in another order than that of one: a stream would then depend
    on which others are stepped beside it. So each row is a product of its own, which is what one
    stream alone takes least time for, too.

    Args:
        weight: ``[F, D]``.
        bias: ``[F]``; none if not given.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        self._weight = weight.detach().cpu().float().contiguous().clone()
        self._bias = (
            self._weight.new_zeros(len(weight))
            if bias is None
            else bias.detach().cpu().float().contiguous().clone()
        )

    def __call__(self, rows: Tensor) -> Tensor:
        """``[R, D]`` to ``[R, F]``."""
        # Each row is copied: at an address of other alignment it would be summed otherwise.
        return torch.stack([self.one(row.clone()) for row in rows.unbind()])

    def one(self, row: Tensor) -> Tensor:
        """``[D]``, a tensor of its own and not part of another, to ``[F]``."""
        return torch.addmv(self._bias, self._weight, row)
