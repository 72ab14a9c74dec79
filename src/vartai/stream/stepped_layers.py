"""Recurrent layers as a stream steps them: packed where the core can, else as they run anything."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from vartai.errors import OptionError
from vartai.kernels.direction import State
from vartai.kernels.step import run_step
from vartai.nn.layers import RecurrentLayers
from vartai.nn.prepared_layers import PreparedLayers, prepare_layers
from vartai.nn.sequence_layers import SequenceLayers
from vartai.sequences import SequenceBatch
from vartai.stream.rows import Field, Rows


class SteppedLayers:
    """Layers of one direction, and the arrays of their state.

    Args:
        layers: the weights are copied.
    """

    def __init__(self, layers: SequenceLayers) -> None:
        names = layers.names()
        parts = layers.state_by_name
        fields = [
            Field(f"{name}.{part}", (size,)) for name in names for part, size in parts.items()
        ]
        self.parts = len(parts)
        fresh = [
            part.detach().cpu().clone().unsqueeze(0)
            for name in names
            for part in layers.fresh_state(name)
        ]
        if layers.shows_hidden:
            self.last = len(fields) - self.parts
        else:
            self.last = len(fields)
            fields.append(Field("outputs", (layers.output_size,)))
            fresh.append(torch.zeros(1, layers.output_size))
        self.fields = tuple(fields)
        """Arrays of the state; that at place `last` holds the outputs of the last layer."""
        self._fresh = tuple(fresh)
        self._prepared = _prepared(layers)
        self._steps: _PlainSteps | _WholeSteps = (
            _PlainSteps(layers)
            if isinstance(layers, RecurrentLayers) and layers.plain
            else _WholeSteps(layers)
        )

    def fresh(self, count: int = 1) -> Rows:
        """Before the first step, of so many streams."""
        return tuple([part.expand(count, -1).contiguous() for part in self._fresh])

    def step(self, inputs: Tensor, rows: Rows) -> tuple[Tensor, Rows]:
        """``[R, D]`` to the outputs of the last layer ``[R, H]``, and the rows after."""
        if self._prepared is None:
            return self._steps.step(inputs, rows)
        outputs, after = self._prepared.step(inputs, _by_layer(rows, self.parts))
        return outputs, after[0] if len(after) == 1 else sum(after, ())

    def step_into(self, inputs: Tensor, rows: Rows, spare: Rows) -> Rows:
        """As `step`, of one stream, in memory that is there already: the rows after it.

        Args:
            inputs: ``[1, D]``.
            rows: before it.
            spare: of the same shapes, none of `rows`; what they hold is lost.
        """
        if self._prepared is None:
            return self.step(inputs, rows)[1]
        parts = self.parts
        if len(rows) == parts:
            self._prepared.step_into(inputs, (rows,), (spare,))
        else:
            self._prepared.step_into(inputs, _by_layer(rows, parts), _by_layer(spare, parts))
        return spare


def _by_layer(rows: Rows, parts: int) -> tuple[State, ...]:
    return tuple([rows[at : at + parts] for at in range(0, len(rows), parts)])


class _PlainSteps:
    """Layers of a standard form, stepped by torch's operators."""

    def __init__(self, layers: RecurrentLayers) -> None:
        self._operator = layers.form.operator
        self._parts = len(layers.state_sizes)
        self._weights = [
            tuple(weight.detach().cpu().clone() for weight in layers.weights(name))
            for name in layers.names()
        ]

    def step(self, inputs: Tensor, rows: Rows) -> tuple[Tensor, Rows]:
        """See `SteppedLayers.step`."""
        flat: list[Tensor] = []
        for weights, state in zip(self._weights, _by_layer(rows, self._parts), strict=True):
            own: State = run_step(self._operator, inputs, state, weights)
            flat += own
            inputs = own[0]
        return inputs, tuple(flat)


class _WholeSteps:
    """Layers of any kind, which run a sequence of one step; each stream by itself.

    Products of many rows are summed in another order than those of one, and no stream may depend on
    which others are stepped beside it.
    """

    def __init__(self, layers: SequenceLayers) -> None:
        self._layers = copy.deepcopy(layers).cpu().eval().requires_grad_(False)
        self._parts = len(layers.state_sizes)
        self._places = [layer * self._parts for layer in range(layers.num_layers)]
        self._one = torch.ones(1, dtype=torch.int64)

    def step(self, inputs: Tensor, rows: Rows) -> tuple[Tensor, Rows]:
        """See `SteppedLayers.step`."""
        each = [
            self._step_one(row.clone().unsqueeze(0), tuple([part[at : at + 1] for part in rows]))
            for at, row in enumerate(inputs)
        ]
        outputs, after = zip(*each, strict=True)
        if len(each) == 1:
            return outputs[0], after[0]
        return torch.cat(outputs), tuple([torch.cat(parts) for parts in zip(*after, strict=True)])

    def _step_one(self, inputs: Tensor, rows: Rows) -> tuple[Tensor, Rows]:
        state = tuple(
            [torch.stack([rows[at + part] for at in self._places]) for part in range(self._parts)]
        )
        found = self._layers.run(SequenceBatch(inputs, self._one), state)
        flat = [part[layer] for layer in range(len(self._places)) for part in found.state]
        return found.rows, tuple(flat if self._layers.shows_hidden else [*flat, found.rows])


def _prepared(layers: SequenceLayers) -> PreparedLayers | None:
    try:
        with torch.no_grad():
            return prepare_layers(layers)
    except OptionError:
        return None
