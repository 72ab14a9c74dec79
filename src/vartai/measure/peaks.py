"""The most that this machine's arithmetic can do, and what torch's matrix product makes of it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from vartai.kernels import native
from vartai.measure.turns import Work, take_turns

# Rows of the square matrices: large enough for any blocking, small enough for a tenth of a second.
_SIZE = 1536


@dataclass(frozen=True)
class Peaks:
    """Billions of float32 operations a second, a multiplication and an addition counting as two.

    Args:
        multiply_add: of independent sums in registers; None without the core.
        matrix_product: of `torch.mm` on square matrices.
    """

    multiply_add: float | None
    matrix_product: float


def measure_peaks(*, seconds: float) -> Peaks:
    """Measure both in turns, on torch's number of threads; medians.

    Args:
        seconds: how long, both together.
    """
    one, other = torch.randn(2, _SIZE, _SIZE)
    into = torch.empty_like(one)
    works: dict[str, Work] = {"mm": lambda: torch.mm(one, other, out=into)}
    if native.HAS_CORE:
        threads = torch.get_num_threads()
        works["fma"] = lambda: native.multiply_add(_SIZE**3, threads=threads)
    times = take_turns(works, seconds=seconds)
    return Peaks(_speed(times["fma"]) if native.HAS_CORE else None, _speed(times["mm"]))


def _speed(times: Sequence[float]) -> float:
    return 2 * _SIZE**3 / statistics.median(times) / 1e9
