"""Two directions of layers that know only one: two stacks side by side, one reading from the end.

Layers that are bidirectional by themselves put both directions together after every layer. Here
each stack reads its own outputs all the way up, and the outputs of the two stand side by side.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.kernels.direction import State, Trace
from vartai.kernels.padded import AnyBatch, PaddedBatch
from vartai.nn.resets import Pieces
from vartai.nn.sequence_layers import SequenceLayers
from vartai.nn.stack_run import StackRun, stack_states
from vartai.sequences import SequenceBatch


class BothWays(SequenceLayers):
    """Two stacks of the same layers over the same sequences.

    Args:
        forwards: layers of one direction.
        backwards: the same of their own weights; they read each sequence from its end.
    """

    directions_apart = True

    def __init__(self, forwards: SequenceLayers, backwards: SequenceLayers) -> None:
        super().__init__(
            forwards.input_size,
            forwards.hidden_size,
            forwards.num_layers,
            batch_first=forwards.batch_first,
            dropout=forwards.dropout,
            bidirectional=True,
        )
        self.forwards = forwards
        self.backwards = backwards
        self.gate_names = forwards.gate_names
        self.traced = forwards.traced
        self.shows_hidden = forwards.shows_hidden

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """Those of either stack."""
        return self.forwards.state_sizes

    @property
    def first_weight(self) -> Tensor:
        """See `SequenceLayers.first_weight`."""
        return self.forwards.first_weight

    def trace_names(self) -> list[str]:
        """Those of the first stack, each followed by its namesake of the second."""
        return [name + end for name in self.forwards.trace_names() for end in ("", "_reverse")]

    def fresh_state(self, suffix: str) -> State:
        """See `SequenceLayers.fresh_state`."""
        side = self.backwards if suffix.endswith("_reverse") else self.forwards
        return side.fresh_state(suffix.removesuffix("_reverse"))

    def _run(
        self, batch: AnyBatch, state: State | None, *, pieces: Pieces | None, keep: bool
    ) -> StackRun:
        if isinstance(batch, PaddedBatch):
            raise ValueError("two stacks side by side cannot be part of a traced graph")
        if pieces is not None:
            return self._run_cut(batch, state, pieces, keep=keep)
        order = _from_the_end(batch)
        halves = (None, None) if state is None else _by_direction(state)
        first = self.forwards.run(batch, halves[0], keep=keep)
        second = self.backwards.run(_picked(batch, order), halves[1], keep=keep)
        rows = torch.cat([first.rows, second.rows.index_select(0, order)], -1)
        finals = [
            direction
            for both in zip(_by_layer(first.state), _by_layer(second.state), strict=True)
            for direction in both
        ]
        traces = {}
        for name, trace in first.traces.items():
            traces[name] = trace
            traces[f"{name}_reverse"] = _turned(second.traces[name], order)
        return StackRun(rows, stack_states(finals), traces)


def _by_layer(state: State) -> list[State]:
    return list(zip(*state, strict=True))


def _by_direction(state: State) -> tuple[State, State]:
    """``[layers·2, B, …]`` each to ``[layers, B, …]`` each of both directions."""
    return tuple(part[0::2] for part in state), tuple(part[1::2] for part in state)


def _from_the_end(batch: SequenceBatch) -> Tensor:
    """``[N]``: for each row the one that stands where it does when its sequence is turned round."""
    first = batch.offsets[:-1].repeat_interleave(batch.lengths)
    last = batch.offsets[1:].repeat_interleave(batch.lengths) - 1
    return (first + last - torch.arange(len(first))).to(batch.data.device)


def _picked(batch: SequenceBatch, order: Tensor) -> SequenceBatch:
    return batch.with_data(batch.data.index_select(0, order))


def reversed_rows(batch: SequenceBatch) -> SequenceBatch:
    """Each sequence from its end to its start."""
    return _picked(batch, _from_the_end(batch))


def _turned(trace: Trace, order: Tensor) -> Trace:
    """A trace whose rows stand where those of the inputs do."""
    return Trace(
        trace.hidden.index_select(0, order),
        None if trace.cell is None else trace.cell.index_select(0, order),
        {name: rows.index_select(0, order) for name, rows in trace.gates.items()},
    )
