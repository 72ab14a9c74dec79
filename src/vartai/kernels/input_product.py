"""The product with the inputs of all rows, for cells of the core that take whole rows."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from vartai.kernels.again import Maybe
from vartai.kernels.native import forms as native


def input_product(x: Tensor, weight: Tensor) -> Tensor:
    """``x [N, D] W^T [D, G·H]``, in one order of summation whatever the batch; float32 on a CPU."""
    found: Tensor = _Product.apply(x, weight)  # type: ignore[no-untyped-call]
    return found


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return native.product(x.contiguous(), weight.contiguous())

    @staticmethod
    def backward(ctx: Any, *d_all: Tensor) -> Maybe:
        x, weight = ctx.saved_tensors
        d = d_all[0]
        of_x, of_weight = ctx.needs_input_grad
        return d @ weight if of_x else None, d.T @ x if of_weight else None
