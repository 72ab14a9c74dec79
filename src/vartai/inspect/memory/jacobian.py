"""The size of a Jacobian from vector–Jacobian products.

A step t and a step s of one sequence have a Jacobian J = ∂(what is there at t)/∂(what is there at
s). Its size is its Frobenius norm, the root of the sum of the squares of all its numbers. One
backward pass with a vector v at step t gives vᵀJ for every s at once, and for every sequence of the
batch, since sequences do not meet. All unit vectors in turn give the norm itself; m random vectors
of signs give an estimate of its square without bias, the mean of ‖vᵀJ‖² (Hutchinson 1990).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from vartai.inspect.memory.curve import Sizes, join_sizes
from vartai.inspect.memory.options import PROJECTIONS, WHOLE, MemoryOptions
from vartai.sequences import SequenceBatch

Pull = Callable[[Tensor], Tensor]
"""From a cotangent ``[N, F]`` to gradients ``[N, D]``, a row for every step."""


def projections(features: int, options: MemoryOptions) -> int | None:
    """How many random vectors a position takes; None for all unit vectors."""
    if options.projections is not None and options.projections < features:
        return options.projections
    return None if options.projections or features <= WHOLE else PROJECTIONS


def jacobian_sizes(
    pull: Pull, batch: SequenceBatch, features: int, options: MemoryOptions, *, both: bool
) -> tuple[Sizes, Sizes | None]:
    """Sizes of the Jacobians between chosen steps and all others.

    Args:
        pull: one backward pass.
        batch: data ``[N, …]``, of which only the lengths, type and device count.
        features: F, rows of each Jacobian.
        options: how.
        both: later steps count too.

    Returns:
        Of pairs where the source stands before the chosen step, or is it; and, with `both`, of
        pairs where it stands behind, or is it.
    """
    generator = torch.Generator().manual_seed(options.seed)
    back, ahead = [], []
    steps = step_of_row(batch)
    for places in spread_positions(batch.lengths, options.positions, both=both):
        sequences = (places >= 0).nonzero().squeeze(1)
        rows = batch.offsets[sequences] + places[sequences]
        squares = torch.zeros(len(batch.data), dtype=torch.float64)
        count = 0
        for vector in _vectors(len(rows), features, projections(features, options), generator):
            cotangent = batch.data.new_zeros(len(batch.data), features)
            cotangent[rows] = vector.to(cotangent)
            squares += pull(cotangent).detach().cpu().double().square().sum(1)
            count += 1
        if projections(features, options) is not None:
            squares /= count
        distance = places[batch.sequence_of_row().cpu()] - steps
        chosen = places[batch.sequence_of_row().cpu()] >= 0
        back.append(_pairs(batch, distance, squares.sqrt(), chosen & (distance >= 0)))
        ahead.append(_pairs(batch, -distance, squares.sqrt(), chosen & (distance <= 0)))
    return join_sizes(back), join_sizes(ahead) if both else None


def step_of_row(batch: SequenceBatch) -> Tensor:
    """``[N]``, int64, CPU: the step of its sequence that each row is, from 0."""
    starts = batch.offsets[:-1].repeat_interleave(batch.lengths)
    return torch.arange(len(starts)) - starts


def spread_positions(lengths: Tensor, count: int, *, both: bool) -> Iterator[Tensor]:
    """``[B]`` each: chosen steps of each sequence, -1 where it has no further one.

    They are spread evenly up to the last step, and with `both` from the first one on.

    Example:
        >>> [p.tolist() for p in spread_positions(torch.tensor([8, 1]), 2, both=False)]
        [[3, 0], [7, -1]]
    """
    chosen = [_spread(length, count, both=both) for length in lengths.tolist()]
    for place in range(max(map(len, chosen), default=0)):
        yield torch.tensor([one[place] if place < len(one) else -1 for one in chosen])


def _spread(length: int, count: int, *, both: bool) -> list[int]:
    if length <= count:
        return list(range(length))
    if both and count > 1:
        return [round(place) for place in np.linspace(0, length - 1, count)]
    return [(place + 1) * length // count - 1 for place in range(count)]


def _vectors(
    rows: int, features: int, random: int | None, generator: torch.Generator
) -> Iterator[Tensor]:
    """``[rows, F]`` each: all unit vectors, or random signs."""
    if random is None:
        for unit in torch.eye(features):
            yield unit.expand(rows, -1)
        return
    for _ in range(random):
        yield 2.0 * torch.randint(0, 2, (rows, features), generator=generator) - 1.0


def _pairs(batch: SequenceBatch, distance: Tensor, sizes: Tensor, chosen: Tensor) -> Sizes:
    text = batch.sequence_of_row().cpu()
    return Sizes(text[chosen].numpy(), distance[chosen].numpy(), sizes[chosen].numpy())
