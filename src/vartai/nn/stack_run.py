"""What a run of recurrent layers above one another gives."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from vartai.kernels.direction import State, Trace


@dataclass(frozen=True, eq=False)
class StackRun:
    """What all layers gave: rows of the last ``[N, F]``, final states, traces by direction."""

    rows: Tensor
    state: State
    traces: dict[str, Trace]
