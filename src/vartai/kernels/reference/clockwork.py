"""Clockwork RNN: the definition every faster version must match.

The units are divided into modules, each with a period. A module is updated at the steps whose
number, counted from 0 at the start of a sequence, its period divides, and stays as it is at the
others; so at step 0 all are updated. It reads itself and the modules after it, which are slower.
One step t, of module i with period T_i, activation tanh:

    h'_i = act(W_i x + b_i + R_i [h_i; h_{i+1}; …])   if t mod T_i = 0
           h_i                                        else

All R_i together, with zeros where a module does not read, are the block-upper-triangular W_H of the
paper.

Source: Koutnik, Greff, Gomez & Schmidhuber, "A Clockwork RNN", 2014 (arXiv 1402.3511). Modules of
unequal size are a reading of it, for sizes that the number of modules does not divide; and so is
the number of the first step, which the paper leaves open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from vartai.kernels.activations import ACTIVATIONS

GATES = ("candidate",)
TRACED = ("candidate", "clock")
"""What a trace holds: ``act(…)`` at every step, and 1 where it was taken, 0 where h stayed."""


class ClockworkWeights(NamedTuple):
    """Of one direction.

    Args:
        weight_ih: ``[H, D]``.
        bias_ih: ``[H]``, or None.
        recurrent: R_i of every module, ``[size of i, sizes of i and of all after it]``.
    """

    weight_ih: Tensor
    bias_ih: Tensor | None
    recurrent: tuple[Tensor, ...]


def module_sizes(hidden_size: int, modules: int) -> list[int]:
    """Units of each module: as many in all, what is left over one each to the first, the fastest.

    Example:
        >>> module_sizes(8, 4), module_sizes(10, 4)
        ([2, 2, 2, 2], [3, 3, 2, 2])
    """
    least, more = divmod(hidden_size, modules)
    return [least + (place < more) for place in range(modules)]


def clockwork_step(
    x: Tensor,
    hidden: Tensor,
    clock: Tensor,
    w: ClockworkWeights,
    *,
    periods: Sequence[int],
    activation: str,
) -> Tensor:
    """Advance one step.

    Args:
        x: ``[B, D]``. Inputs.
        hidden: ``[B, H]``. State before the step.
        clock: ``[B]``. Number of the step in each sequence.
        w: weights.
        periods: of the modules, from the fastest.
        activation: a name of `ACTIVATIONS`.

    Returns:
        ``[B, H]``. State after the step.
    """
    sums = x @ w.weight_ih.T if w.bias_ih is None else x @ w.weight_ih.T + w.bias_ih
    after, start = [], 0
    for period, recurrent in zip(periods, w.recurrent, strict=True):
        end = start + recurrent.size(0)
        new = ACTIVATIONS[activation](sums[:, start:end] + hidden[:, start:] @ recurrent.T)
        due = (clock % period == 0).unsqueeze(1)
        after.append(torch.where(due, new, hidden[:, start:end]))
        start = end
    return torch.cat(after, 1)
