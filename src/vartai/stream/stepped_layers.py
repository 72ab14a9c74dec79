"""Recurrent layers as a stream steps them: packed where the core can, else by torch."""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.errors import OptionError
from vartai.kernels.direction import State
from vartai.kernels.step import run_step
from vartai.nn.layers import RecurrentLayers
from vartai.nn.prepared_layers import PreparedLayers, prepare_layers
from vartai.stream.rows import Field, Rows

_PARTS = ("hidden", "cell")


class SteppedLayers:
    """Layers of one direction, and the arrays of their state.

    Args:
        layers: the weights are copied.
    """

    def __init__(self, layers: RecurrentLayers) -> None:
        names = [f"l{layer}" for layer in range(layers.num_layers)]
        sizes = layers.state_sizes
        self.fields = tuple(
            Field(f"{name}.{part}", (size,))
            for name in names
            for part, size in zip(_PARTS, sizes, strict=False)
        )
        self.parts = len(sizes)
        self._operator = layers.form.operator
        self._weights = [
            tuple(weight.detach().cpu().clone() for weight in layers.weights(name))
            for name in names
        ]
        self._fresh = tuple(
            part.detach().cpu().clone().unsqueeze(0)
            for name in names
            for part in layers.fresh_state(name)
        )
        self._prepared = _prepared(layers)

    def fresh(self, count: int = 1) -> Rows:
        """Before the first step, of so many streams."""
        return tuple([part.expand(count, -1).contiguous() for part in self._fresh])

    def step(self, inputs: Tensor, rows: Rows) -> tuple[Tensor, Rows]:
        """``[R, D]`` to the outputs of the last layer ``[R, H]``, and the rows after."""
        parts = self.parts
        states = tuple([rows[at : at + parts] for at in range(0, len(rows), parts)])
        if self._prepared is not None:
            outputs, after = self._prepared.step(inputs, states)
            return outputs, after[0] if len(after) == 1 else sum(after, ())
        flat: list[Tensor] = []
        for weights, state in zip(self._weights, states, strict=True):
            own: State = run_step(self._operator, inputs, state, weights)
            flat += own
            inputs = own[0]
        return inputs, tuple(flat)

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
            self._prepared.step_into(
                inputs,
                tuple([rows[at : at + parts] for at in range(0, len(rows), parts)]),
                tuple([spare[at : at + parts] for at in range(0, len(rows), parts)]),
            )
        return spare


def _prepared(layers: RecurrentLayers) -> PreparedLayers | None:
    try:
        with torch.no_grad():
            return prepare_layers(layers)
    except OptionError:
        return None
