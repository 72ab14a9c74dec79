"""Random numbers of batches: lengths, ids, states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vartai.exchange.graphs.state import StatePart

Ids = NDArray[np.int64]
# Sequences and longest of each batch that is tried: one alone, short, long, one empty among others.
SHAPES = ((1, 1), (1, 7), (3, 5), (6, 23), (4, 60), (2, 0))


def draw_lengths(random: np.random.Generator, count: int, longest: int) -> Ids:
    """``[B]``: from 0 to the longest, one that long and, of several, one empty."""
    lengths = random.integers(0, longest + 1, count)
    lengths[0] = longest
    if count > 1:
        lengths[-1] = 0
    return lengths.astype(np.int64)


def draw_ids(random: np.random.Generator, size: int, shape: Sequence[int]) -> Ids:
    """Any ids below `size`."""
    return random.integers(0, size, tuple(shape)).astype(np.int64)


def zero_state(parts: Sequence[StatePart], count: int) -> dict[str, NDArray[np.generic]]:
    """A state before the first step, by the names of inputs."""
    return {f"{part.name}_in": np.zeros((count, *part.shape), part.kind) for part in parts}


def inside(lengths: Ids, steps: int) -> NDArray[np.bool_]:
    """``[B, T]``: whether a step is within its sequence."""
    return np.asarray(np.arange(steps) < lengths[:, None])
