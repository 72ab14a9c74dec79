"""Grid LSTM layers over sequences: memory along time, as an LSTM has it, and along depth too.

Layer by layer, not step by step: the time side of a layer reads its own past and the layer below,
so it is an LSTM over all steps, which the compiled core runs; and once it has run, the depth side
of all steps is one product. `vartai.kernels.reference.grid_lstm` is the definition.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from vartai.errors import OptionError, unknown_name
from vartai.kernels.activations import ACTIVATIONS
from vartai.kernels.direction import State, Trace
from vartai.kernels.forms import STANDARD
from vartai.kernels.ops import run_direction
from vartai.kernels.padded import AnyBatch, PaddedBatch
from vartai.kernels.reference.grid_lstm import (
    HIDDENS,
    Side,
    Vectors,
    block_sums,
    grid_block,
    side_step,
)
from vartai.nn.resets import Pieces
from vartai.nn.sequence_layers import SequenceLayers
from vartai.nn.stack_run import StackRun, stack_states
from vartai.sequences import SequenceBatch

PRIORITIES: Final = ("depth", "time", "none")
_SIDES: Final = ("time", "depth")
_NUMBERS: Final = {"time": 0, "depth": 1, "none": None}

Pair = tuple[Tensor, Tensor]
Below = tuple[Tensor, Tensor | None]
_TRACED: Final = STANDARD["lstm"].traced


class _LayerRun(NamedTuple):
    """What one layer gave: what stands above it, states of time, and traces of time and depth."""

    above: Below
    final: Pair
    traces: tuple[Trace, Trace] | None


class GridLSTM(SequenceLayers):
    """Layers of Grid LSTM blocks over sequences (Kalchbrenner, Danihelka & Graves 2015).

    Parameters: ``weight_time_l0`` ``[4d, 2d]``, whose first d columns meet the hidden vector of
    time and whose others that of depth; ``bias_time_l0`` ``[4d]``; ``weight_depth_l0`` and
    ``bias_depth_l0`` likewise; then those of layer 1, unless the layers are tied. Gate order is
    PyTorch's. ``weight_input`` ``[2d, D]`` and ``bias_input`` project an input into the hidden
    vector and the memory below the first layer; ``[d, D]`` where depth has no memory.

    Outputs are the hidden vectors of depth above the last layer, rows of d. The state is that of
    time: hidden vectors and memories, ``[layers, B, d]`` both.

    Args:
        input_size: D.
        hidden_size: d.
        num_layers: layers.
        tied: all layers have the same weights, as all steps have.
        priority: ``depth``, whose side reads what time has become at this step; ``time``, likewise;
            or ``none``. With ``time``, and where `hidden_form` is ``squashed``, blocks run one by
            one in Python.
        hidden_form: ``gated``, h' = o * tanh(m'), or ``squashed``, h' = tanh(o * m').
        depth_activation: what depth is instead of an LSTM, a name of
            `vartai.kernels.activations.ACTIVATIONS`; it then has no memory. None for an LSTM.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of the hidden vectors dropped, in training, on their way up to each layer but
            the first.

    Raises:
        OptionError: a name that is not known, or a number out of bounds.

    Example:
        >>> grid = GridLSTM(3, 8, num_layers=18, tied=True)
        >>> outputs, (hidden, memory) = grid(torch.zeros(7, 2, 3))
        >>> outputs.shape, memory.shape, sum(p.numel() for p in grid.parameters())
        (torch.Size([7, 2, 8]), torch.Size([18, 2, 8]), 1152)
    """

    shows_hidden = False  # outputs are of depth, and a state is of time
    traced = _TRACED

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        tied: bool = False,
        priority: str = "depth",
        hidden_form: str = "gated",
        depth_activation: str | None = None,
        batch_first: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            batch_first=batch_first,
            dropout=dropout,
            bidirectional=False,
        )
        if priority not in PRIORITIES:
            raise unknown_name("priority", priority, PRIORITIES)
        if hidden_form not in HIDDENS:
            raise unknown_name("hidden_form", hidden_form, HIDDENS)
        if depth_activation is not None and depth_activation not in ACTIVATIONS:
            raise unknown_name("depth_activation", depth_activation, ACTIVATIONS)
        self.tied = tied
        self.priority = priority
        self.hidden_form = hidden_form
        self.depth_activation = depth_activation
        for layer in range(1 if tied else num_layers):
            for side in _SIDES:
                self._add_side(side, layer)
        below = hidden_size if depth_activation is not None else 2 * hidden_size
        self.weight_input = nn.Parameter(torch.empty(below, input_size))
        self.bias_input = nn.Parameter(torch.empty(below))
        self.reset_parameters()

    def _add_side(self, side: str, layer: int) -> None:
        size = self.hidden_size
        has_memory = side == "time" or self.depth_activation is None
        rows = 4 * size if has_memory else size
        self.register_parameter(
            f"weight_{side}_l{layer}", nn.Parameter(torch.empty(rows, 2 * size))
        )
        self.register_parameter(f"bias_{side}_l{layer}", nn.Parameter(torch.empty(rows)))

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """D of the hidden vectors of time, and d of its memories."""
        return self.hidden_size, self.hidden_size

    @property
    def first_weight(self) -> Tensor:
        """See `SequenceLayers.first_weight`."""
        return self.weight_input

    def trace_names(self) -> list[str]:
        """``l0`` is the time side of the first layer, ``l0_depth`` its depth side, and so on."""
        return [f"l{layer}{side}" for layer in range(self.num_layers) for side in ("", "_depth")]

    def reset_parameters(self) -> None:
        """Draw every parameter uniformly within ±1/√d."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def side(self, name: str, layer: int) -> Side:
        """The weights of ``time`` or ``depth`` of a layer."""
        number = 0 if self.tied else layer
        activation = self.depth_activation if name == "depth" else None
        weight: Tensor = getattr(self, f"weight_{name}_l{number}")
        bias: Tensor = getattr(self, f"bias_{name}_l{number}")
        return Side(weight, bias, activation)

    def _run(
        self, batch: AnyBatch, state: State | None, *, pieces: Pieces | None, keep: bool
    ) -> StackRun:
        """All layers, which hand a memory up and not only rows."""
        if isinstance(batch, PaddedBatch):
            raise OptionError("a GridLSTM cannot be part of a traced graph")
        if pieces is not None:
            return self._run_cut(batch, state, pieces, keep=keep)
        starts = self.start_state(batch.count) if state is None else state
        below = self.project(batch.data)
        finals: list[State] = []
        traces: list[Trace] = []
        step_by_step = self.priority == "time" or self.hidden_form == "squashed"
        run_layer = self._block_by_block if step_by_step else self._side_by_side
        for layer in range(self.num_layers):
            if layer and self.training and self.dropout > 0.0:
                below = nn.functional.dropout(below[0], self.dropout), below[1]
            start = starts[0][layer], starts[1][layer]
            found = run_layer(layer, batch, below, start, keep=keep)
            below = found.above
            finals.append(found.final)
            traces += found.traces or ()
        named = dict(zip(self.trace_names(), traces, strict=True)) if keep else {}
        return StackRun(below[0], stack_states(finals), named)

    def project(self, rows: Tensor) -> Below:
        """Inputs ``[N, D]`` to the hidden vectors and memories below the first layer."""
        projected = linear(rows, self.weight_input, self.bias_input)
        if self.depth_activation is not None:
            return projected, None
        hidden, memory = projected.chunk(2, dim=1)
        return hidden, memory

    def _side_by_side(
        self, layer: int, batch: SequenceBatch, below: Below, start: Pair, *, keep: bool
    ) -> _LayerRun:
        """One layer, its time side for all steps, then its depth side for all steps."""
        time, depth = self.side("time", layer), self.side("depth", layer)
        size, hidden = self.hidden_size, below[0]
        inner = torch.zeros_like(time.bias)  # an LSTM's second bias, which a block does not have
        weights = (time.weight[:, size:], time.weight[:, :size], time.bias, inner)
        run = run_direction(STANDARD["lstm"], batch.with_data(hidden), start, weights, keep=keep)
        seen = run.outputs
        if self.priority == "none":
            seen = _one_step_earlier(batch.with_data(seen), start[0])
        sums = linear(torch.cat([seen, hidden], 1), depth.weight, depth.bias)
        final = run.final[0], run.final[1]
        above: Below
        if depth.activation is not None:
            above = ACTIVATIONS[depth.activation](sums), None
        else:
            above = side_step(sums, _there(below[1]), self.hidden_form)
        traces = None if run.trace is None else (run.trace, _trace_of(above, sums))
        return _LayerRun(above, final, traces)

    def _block_by_block(
        self, layer: int, batch: SequenceBatch, below: Below, start: Pair, *, keep: bool
    ) -> _LayerRun:
        """One layer, a block of all sequences at a time."""
        sides = self.side("time", layer), self.side("depth", layer)
        form, priority = self.hidden_form, _NUMBERS[self.priority]
        hidden, memory = start
        order: list[Tensor] = []
        made: list[tuple[Vectors, Vectors]] = []
        sums: list[list[Tensor]] = []
        for step in range(batch.steps):
            there = (batch.lengths > step).nonzero().flatten()
            rows = (batch.offsets[:-1][there] + step).to(hidden.device)
            there = there.to(hidden.device)
            own = Vectors(hidden[there], memory[there])
            lower = Vectors(below[0][rows], None if below[1] is None else below[1][rows])
            time, depth = grid_block((own, lower), sides, hidden_form=form, priority=priority)
            if keep:
                sums.append(block_sums((own, lower), (time, depth), sides, priority=priority))
            hidden = hidden.index_copy(0, there, time.hidden)
            memory = memory.index_copy(0, there, _there(time.memory))
            order.append(rows)
            made.append((time, depth))
        if not made:
            return _LayerRun(below, start, _empty_traces(below, start) if keep else None)
        back = torch.cat(order).argsort()
        times, above = (_rows_of([pair[k] for pair in made], back) for k in (0, 1))
        traces = None
        if keep:
            of_time, of_depth = (torch.cat([both[k] for both in sums])[back] for k in (0, 1))
            traces = _trace_of(times, of_time), _trace_of(above, of_depth)
        return _LayerRun(above, (hidden, memory), traces)


def _one_step_earlier(batch: SequenceBatch, start: Tensor) -> Tensor:
    """Rows ``[N, d]`` that stood one step earlier in their sequence; at its first, the start's."""
    if not len(batch.data):
        return batch.data
    earlier = torch.cat([start, batch.data])
    places = torch.arange(len(batch.data)) + len(start) - 1
    begun = batch.lengths > 0
    places[batch.offsets[:-1][begun]] = begun.nonzero().flatten()
    return earlier.index_select(0, places.to(earlier.device))


def _rows_of(steps: Sequence[Vectors], back: Tensor) -> Below:
    """Hidden vectors and memories of all steps in the order of rows."""
    hidden = torch.cat([vectors.hidden for vectors in steps])[back]
    if steps[0].memory is None:
        return hidden, None
    return hidden, torch.cat([_there(vectors.memory) for vectors in steps])[back]


def _trace_of(made: Below, sums: Tensor) -> Trace:
    """A side's hidden vectors, memories and gates; one without memory has its vectors alone."""
    hidden, memory = made[0].detach(), made[1]
    if memory is None:
        return Trace(hidden, None, {"candidate": hidden})
    parts = dict(zip(_TRACED, sums.detach().chunk(4, -1), strict=True))
    gates = {
        name: torch.tanh(part) if name == "candidate" else torch.sigmoid(part)
        for name, part in parts.items()
    }
    return Trace(hidden, memory.detach(), gates)


def _empty_traces(below: Below, start: Pair) -> tuple[Trace, Trace]:
    """Of a batch without any step."""
    none = start[0][:0]
    return _trace_of((none, none), none.repeat(1, 4)), _trace_of(below, none.repeat(1, 4))


def _there(memory: Tensor | None) -> Tensor:
    if memory is None:
        raise ValueError("a side with memory was given none")
    return memory
