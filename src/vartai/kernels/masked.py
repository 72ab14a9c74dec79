"""A recurrence over a padded batch: all sequences take all steps, and some steps count for nothing.

What `vartai.kernels.stepwise` and `vartai.kernels.time_loop` are outside graphs, this is inside:
nothing here depends on the value of a length, so it can be traced, one step after another. A
reverse direction begins at step T and keeps its state until a sequence has a step.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from vartai.kernels import time_loop
from vartai.kernels.direction import Noise, Result, State, Trace, require_shapes
from vartai.kernels.forms import Form
from vartai.kernels.padded import AnyBatch, PaddedBatch
from vartai.kernels.reference.cells import CELLS, noisy_step

Parts = tuple[Tensor, ...]
Step = Callable[[int, State], tuple[State, Parts]]


def run_masked(
    form: Form,
    batch: PaddedBatch,
    state: State,
    weights: tuple[Tensor, ...],
    *,
    reverse: bool = False,
    noise: Noise | None = None,
    keep: bool = False,
) -> Result:
    """Run one layer in one direction; arguments and results as `vartai.kernels.ops` has them.

    Rows past the end of a sequence come out as zeros.
    """
    require_shapes(form, batch, state, weights)
    w = form.named(weights)
    inputs = CELLS[form.cell].inputs(batch.data, w).unbind(1)
    noise = noise or Noise()
    zoneouts = [_of_steps(share, batch) for share in noise.zoneout]

    def step(time: int, before: State) -> tuple[State, Parts]:
        own = Noise(noise.recurrent, *(shares[time] for shares in zoneouts))
        after, gates = noisy_step(form, inputs[time], before, w, own)
        return after, (*after[1:2], *gates) if keep else ()

    rows, final = run_steps_masked(step, batch, state, reverse=reverse)
    outputs, *kept = rows
    return Result(outputs, final, _trace(form, outputs, kept) if keep else None)


def run_steps_masked(
    step: Step, batch: PaddedBatch, state: State, *, reverse: bool
) -> tuple[Parts, State]:
    """Carry a state through all steps of all sequences.

    Args:
        step: from the number of a step and the state before it ``[B, …]`` to the state after it,
            and what else there is to keep of it, ``[B, …]`` each.
        batch: of the sequences; its rows are not read.
        state: ``[B, …]`` each; its first part is the output.
        reverse: take the steps from each sequence's last to its first.

    Returns:
        Outputs ``[B, T, …]`` and whatever was kept, zeros past each end, and the final state.
    """
    running = _running(batch, state[0].device)
    times = range(batch.steps)
    kept: list[Parts] = []
    for time in reversed(times) if reverse else times:
        after, more = step(time, state)
        found = (after[0], *more)
        if running is None:
            state = tuple(after)
        else:
            now = running[:, time]
            found = tuple(torch.where(now, part, torch.zeros_like(part)) for part in found)
            pairs = zip(after, state, strict=True)
            state = tuple(torch.where(now, new, old) for new, old in pairs)
        kept.append(found)
    if not kept:
        return (batch.data.new_zeros(batch.count, 0, state[0].size(1)),), state
    ordered = kept[::-1] if reverse else kept
    return tuple(torch.stack(p, 1) for p in zip(*ordered, strict=True)), state


def carry(
    step: time_loop.Step, batch: AnyBatch, state: State, *, reverse: bool
) -> tuple[Tensor, State]:
    """Carry a state through every sequence, as `vartai.kernels.time_loop.run_steps`.

    Args:
        step: from ``[B, …]`` of one step and the state before it to the state after it.
        batch: data ``[N, …]`` or ``[B, T, …]``: what the steps read.
        state: ``[B, H]`` each; its first part is the output.
        reverse: take the steps from each sequence's last to its first.
    """
    if not isinstance(batch, PaddedBatch):
        return time_loop.run_steps(step, batch.data, batch.lengths, state, reverse=reverse)
    inputs = batch.data.unbind(1)
    rows, final = run_steps_masked(
        lambda time, before: (step(inputs[time], before), ()), batch, state, reverse=reverse
    )
    return rows[0], final


def _running(batch: PaddedBatch, device: torch.device) -> Tensor | None:
    """``[B, T, 1]``, bool: whether a sequence has a step; None if all have all."""
    if batch.lengths is None:
        return None
    running = torch.arange(batch.steps) < batch.lengths[:, None]
    return running.unsqueeze(2).to(device)


def _of_steps(share: Tensor | float, batch: PaddedBatch) -> Parts | list[float]:
    if isinstance(share, Tensor):
        return share.unbind(1)
    return [share] * batch.steps


def _trace(form: Form, outputs: Tensor, kept: list[Tensor]) -> Trace:
    kept = [part.detach() for part in kept]
    cell = kept.pop(0) if form.cell == "lstm" and kept else None
    return Trace(outputs.detach(), cell, dict(zip(form.traced, kept, strict=False)))
