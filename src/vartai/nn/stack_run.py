"""What a run of recurrent layers above one another gives."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vartai.kernels.direction import State, Trace


@dataclass(frozen=True, eq=False)
class StackRun:
    """What all layers gave: rows of the last ``[N, F]``, final states, traces by direction."""

    rows: Tensor
    state: State
    traces: dict[str, Trace]


def stack_states(states: list[State]) -> State:
    """States of all layers and directions part by part: ``[layers·directions, B, …]`` each."""
    return tuple([_stacked(parts) for parts in zip(*states, strict=True)])


def _stacked(parts: tuple[Tensor, ...]) -> Tensor:
    """A view where there is one, which is quicker made."""
    return parts[0].unsqueeze(0) if len(parts) == 1 else torch.stack(parts)
