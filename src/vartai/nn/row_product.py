"""A linear layer for single steps, in which no row depends on the rows beside it, bit for bit."""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.kernels import native
from vartai.kernels.native import forms

# Numbers of a matrix that the core packs anew at each call in less time than a step takes.
_PACKED = 1 << 16


class RowProduct:
    """``x W^T + b``, float32 on the CPU, with weights copied once. No gradient flows through it.

    A product of many rows is summed in another order than that of one, by torch's libraries at
    least: a stream would then depend on which others are stepped beside it. Small matrices go
    through the core, whose order is one; large ones a row at a time, which they are read too
    slowly for to matter.

    Args:
        weight: ``[F, D]``.
        bias: ``[F]``.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        self._weight = weight.detach().cpu().float().contiguous().clone()
        self._bias = (
            self._weight.new_zeros(len(weight))
            if bias is None
            else bias.detach().cpu().float().contiguous().clone()
        )
        self._by_core = native.HAS_CORE and self._weight.numel() <= _PACKED

    def __call__(self, rows: Tensor) -> Tensor:
        """``[R, D]``, contiguous, to ``[R, F]``."""
        if self._by_core:
            return forms.product(rows, self._weight).add_(self._bias)
        if len(rows) == 1:
            return torch.addmv(self._bias, self._weight, rows[0]).unsqueeze(0)
        # Each row is copied: an address of other alignment would be summed in another order.
        return torch.stack(
            [torch.addmv(self._bias, self._weight, row.clone()) for row in rows.unbind()]
        )
