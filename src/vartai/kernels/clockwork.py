"""Clockwork RNN layers: a simple recurrent cell whose units stay as they are at most steps.

That is zoneout which is not drawn but follows from the number of the step. So whatever runs an RNN
with zoneout runs this, through `vartai.kernels.ops`: the compiled core in float32 on a CPU, the
steps of the definition elsewhere. What modules do not read are zeros, which are multiplied too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from vartai.errors import OptionError
from vartai.kernels.direction import Noise, Result, Trace
from vartai.kernels.forms import Form
from vartai.kernels.ops import run_direction
from vartai.kernels.padded import AnyBatch, PaddedBatch
from vartai.kernels.reference.clockwork import ClockworkWeights


def run_clockwork(
    batch: AnyBatch,
    state: tuple[Tensor, Tensor],
    w: ClockworkWeights,
    *,
    periods: Sequence[int],
    activation: str,
    reverse: bool = False,
    keep: bool = False,
) -> Result:
    """Run one layer in one direction.

    Args:
        batch: data ``[N, D]``.
        state: hidden ``[B, H]``, and clock ``[B, 1]``: the number of the next step, modulo the
            `cycle` of the periods. A reverse direction counts from the last step.
        w: weights.
        periods: of the modules, from the fastest.
        activation: a name of `vartai.kernels.activations.ACTIVATIONS`.
        reverse: take the steps from each sequence's last to its first.
        keep: whether a trace is wanted.

    Returns:
        outputs ``[N, H]`` in the order of the rows, the state after the last step taken, and the
        trace, whose gates are those of `vartai.kernels.reference.clockwork.TRACED`.

    Raises:
        OptionError: the type of the state cannot count as far as the cycle goes.
    """
    hidden, clock = state
    whole = cycle(periods)
    if clock.is_floating_point() and whole > 2 / torch.finfo(clock.dtype).eps:
        raise OptionError(f"{clock.dtype} cannot count to {whole}, the cycle of periods {periods}")
    numbers, after = _numbers(batch, clock.to(torch.int64), reverse=reverse)
    of_units = _of_units(periods, w, hidden.device)
    stays = (numbers.unsqueeze(-1) % of_units != 0).to(hidden.dtype)
    weights: tuple[Tensor, ...] = (w.weight_ih, whole_recurrent(w.recurrent))
    if w.bias_ih is not None:
        weights += (w.bias_ih, torch.zeros_like(w.bias_ih))
    result = run_direction(
        Form("rnn", activation),
        batch,
        (hidden,),
        weights,
        reverse=reverse,
        noise=Noise(zoneout_hidden=stays),
        keep=keep,
    )
    trace = result.trace
    if trace is not None:
        trace = Trace(trace.hidden, None, {**trace.gates, "clock": 1 - stays})
    return Result(result.outputs, (*result.final, (after % whole).to(clock.dtype)), trace)


def cycle(periods: Sequence[int]) -> int:
    """Steps after which all modules are due again."""
    return math.lcm(*periods)


def whole_recurrent(recurrent: tuple[Tensor, ...]) -> Tensor:
    """R_i of all modules as one matrix ``[H, H]``, zeros where a module does not read."""
    size = recurrent[0].size(1)
    return torch.cat([functional.pad(part, (size - part.size(1), 0)) for part in recurrent])


def _numbers(batch: AnyBatch, clock: Tensor, *, reverse: bool) -> tuple[Tensor, Tensor]:
    """The number of each row's step, ``[N]`` or ``[B, T]``, and of the step after all, ``[B, 1]``.

    Past the end of a padded sequence they mean nothing.
    """
    if isinstance(batch, PaddedBatch):
        places = torch.arange(batch.steps, device=clock.device)
        steps = torch.full_like(clock, batch.steps)
        if batch.lengths is not None:
            steps = batch.lengths.to(clock.device).unsqueeze(1)
        return clock + (steps - 1 - places if reverse else places), clock + steps
    lengths = batch.lengths
    starts = lengths.cumsum(0) - lengths
    rows = torch.arange(int(lengths.sum())) - starts.repeat_interleave(lengths)
    if reverse:
        rows = (lengths - 1).repeat_interleave(lengths) - rows
    owner = torch.arange(len(lengths)).repeat_interleave(lengths).to(clock.device)
    begun = clock.squeeze(1).index_select(0, owner)
    return begun + rows.to(clock.device), clock + lengths.to(clock.device).unsqueeze(1)


def _of_units(periods: Sequence[int], w: ClockworkWeights, device: torch.device) -> Tensor:
    """``[H]``: the period of each unit's module."""
    sizes = torch.tensor([part.size(0) for part in w.recurrent])
    return torch.tensor(periods).repeat_interleave(sizes).to(device)
