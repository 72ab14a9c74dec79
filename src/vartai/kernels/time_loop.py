"""A recurrence step by step in torch: any device, any float type, differentiable twice.

What depends on inputs alone is computed for all rows at once, before; what is left for the loop
runs on a temporary time-major grid, where a sequence that has ended keeps its state.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from vartai.kernels.direction import no_rows
from vartai.kernels.regroup import TimeGrid

State = tuple[Tensor, ...]
Step = Callable[[Tensor, State], State]


def run_steps(
    step: Step, rows: Tensor, lengths: Tensor, state: State, *, reverse: bool
) -> tuple[Tensor, State]:
    """Carry a state through every sequence, all sequences side by side.

    Args:
        step: from ``[B, …]`` of one step and the state before it to the state after it.
        rows: ``[N, …]``. What the steps read.
        lengths: ``[B]``, int64, CPU.
        state: ``[B, H]`` each. State before the first step taken; its first part is the output.
        reverse: take the steps from each sequence's last to its first.

    Returns:
        outputs ``[N, H]``, and the state ``[B, H]`` each after the last step taken.
    """
    steps = int(lengths.max()) if len(lengths) else 0
    if steps == 0:
        return no_rows(rows, state[0].size(1)), state
    grid = TimeGrid(lengths, steps=steps, device=rows.device, reverse=reverse)
    running = (torch.arange(steps)[:, None] < lengths).to(rows.device).unsqueeze(2)
    outputs = []
    for now, inputs in zip(running, grid.spread(rows), strict=True):
        after = step(inputs, state)
        state = tuple(torch.where(now, new, old) for new, old in zip(after, state, strict=True))
        outputs.append(state[0])
    return grid.collect(torch.stack(outputs)), state
