"""Any form on any device and in any float type: the definition's steps, a batch at a time.

What the inputs add to the gates is computed for all rows at once; then the steps of all sequences
that are still running are taken together, in packed order, by torch's operators. So autograd
differentiates it, as often as wanted. `vartai.kernels.ops` comes here when no faster path can.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from vartai.kernels.direction import Noise, Result, State, Trace, no_rows, require_shapes
from vartai.kernels.forms import CellWeights, Form
from vartai.kernels.reference.cells import CELLS, noisy_step
from vartai.kernels.step_order import StepOrder
from vartai.sequences import SequenceBatch


def run_stepwise(
    form: Form,
    batch: SequenceBatch,
    state: State,
    weights: tuple[Tensor, ...],
    *,
    reverse: bool = False,
    noise: Noise | None = None,
    keep: bool = False,
) -> Result:
    """Run one layer in one direction; arguments and results as `vartai.kernels.ops` has them."""
    require_shapes(form, batch, state, weights)
    w = form.named(weights)
    inputs = batch.with_data(CELLS[form.cell].inputs(batch.data, w))
    return run_steps(form, inputs, state, w, reverse=reverse, noise=noise, keep=keep)


def run_steps(
    form: Form,
    batch: SequenceBatch,
    state: State,
    w: CellWeights,
    *,
    reverse: bool,
    noise: Noise | None,
    keep: bool = False,
) -> Result:
    """The same for a batch ``[N, G·H]`` of what inputs add to the sums, by the cell's `inputs`."""
    order = StepOrder(batch.lengths, device=batch.data.device, reverse=reverse)
    counts = order.counts.tolist()
    inputs = torch.split(order.pack(batch.data), counts)
    noises = _noise_of_steps(noise or Noise(), order, counts)
    current: State = tuple(part.index_select(0, order.sequences) for part in state)
    record = _Record(form, order, keep=keep, state=current)
    if not counts:
        record.begin(no_rows(batch.data, state[0].size(1)))
    for step_inputs, step_noise, count in zip(inputs, noises, counts, strict=True):
        current = record.finish(current, count)
        current, gates = noisy_step(form, step_inputs, current, w, step_noise)
        record.step(current, gates)
    record.finish(current, 0)
    return record.result()


class _Record:
    """What has been computed so far, in packed order, after an entry without rows."""

    def __init__(self, form: Form, order: StepOrder, *, keep: bool, state: State) -> None:
        nothing = tuple(part[:0] for part in state)
        self._form = form
        self._order = order
        self._keep = keep
        self._hidden = [nothing[0]]
        self._cells = [part.detach() for part in nothing[1:2]]
        self._gates: list[State] = [(nothing[:2][-1].detach(),) * len(form.traced)]
        self._ended = [nothing]

    def begin(self, nothing: Tensor) -> None:
        """The outputs where there is no step at all."""
        self._hidden = [nothing]

    def finish(self, state: State, count: int) -> State:
        """Put away the states of all sequences but the first `count`, which go on."""
        if count == state[0].size(0):
            return state
        self._ended.append(tuple(part[count:] for part in state))
        return tuple(part[:count] for part in state)

    def step(self, state: State, gates: State) -> None:
        """Add what one step computed."""
        self._hidden.append(state[0])
        if self._keep:
            self._cells.extend(part.detach() for part in state[1:2])
            self._gates.append(tuple(gate.detach() for gate in gates))

    def result(self) -> Result:
        """All of it in the order of the batch; of the final states, the longest came last."""
        outputs = self._order.unpack(torch.cat(self._hidden))
        final = (torch.cat(parts[::-1]) for parts in zip(*self._ended, strict=True))
        ordered = tuple(part.index_select(0, self._order.rank) for part in final)
        return Result(outputs, ordered, self._trace(outputs) if self._keep else None)

    def _trace(self, outputs: Tensor) -> Trace:
        cell = self._order.unpack(torch.cat(self._cells)) if self._cells else None
        gates = (self._order.unpack(torch.cat(parts)) for parts in zip(*self._gates, strict=True))
        return Trace(outputs.detach(), cell, dict(zip(self._form.traced, gates, strict=True)))


def _noise_of_steps(noise: Noise, order: StepOrder, counts: list[int]) -> list[Noise]:
    """What the sequences still running meet at each step."""
    recurrent = noise.recurrent
    if recurrent is not None:
        recurrent = recurrent.index_select(0, order.sequences)
    hidden, cell = (_of_steps(zoneout, order, counts) for zoneout in noise.zoneout)
    return [
        Noise(None if recurrent is None else recurrent[:count], of_hidden, of_cell)
        for count, of_hidden, of_cell in zip(counts, hidden, cell, strict=True)
    ]


def _of_steps(
    zoneout: Tensor | float, order: StepOrder, counts: list[int]
) -> Sequence[Tensor | float]:
    if isinstance(zoneout, Tensor):
        return torch.split(order.pack(zoneout), counts)
    return [zoneout] * len(counts)
