"""A gradient to be differentiated once more: formed by torch's operators, not by the core."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Maybe = tuple[Tensor | None, ...]


def gradients_again(
    run: Callable[[Maybe], tuple[Tensor, ...]], tensors: Maybe, d_results: Maybe
) -> Maybe:
    """Gradients of `tensors` that can be differentiated, None for one that needs none.

    Args:
        run: computes the results by torch's operators.
        tensors: what it computes them from.
        d_results: of each result; None counts as zeros.
    """
    # A tensor may have come in two places; a view of it in each keeps their gradients apart.
    tensors = tuple(None if t is None else t.view_as(t) for t in tensors)
    results = zip(run(tensors), d_results, strict=True)
    wanted = [t for t in tensors if t is not None and t.requires_grad]
    pairs = [(result, d) for result, d in results if d is not None and result.requires_grad]
    found = torch.autograd.grad(
        [result for result, _ in pairs],
        wanted,
        [d for _, d in pairs],
        create_graph=True,
        allow_unused=True,
    )
    of = {id(tensor): d for tensor, d in zip(wanted, found, strict=True)}
    return tuple(of.get(id(t)) for t in tensors)
