"""Recurrent layers prepared for many steps: each a cell with packed weights, one above another."""

from __future__ import annotations

from torch import Tensor

from vartai.errors import OptionError
from vartai.kernels.direction import State
from vartai.nn.layers import RecurrentLayers
from vartai.nn.prepared import pack_cell
from vartai.nn.sequence_layers import SequenceLayers


class PreparedLayers:
    """Layers in one direction, to be stepped; see `prepare_layers`."""

    def __init__(self, layers: RecurrentLayers) -> None:
        operator = layers.form.operator
        self._cells = [pack_cell(operator, layers.weights(name)) for name in layers.names()]

    def step(self, inputs: Tensor, states: tuple[State, ...]) -> tuple[Tensor, tuple[State, ...]]:
        """Advance all layers one step. No gradient flows through it.

        Args:
            inputs: ``[B, D]``, contiguous float32 on the CPU.
            states: of each layer, ``[B, H]`` each part, likewise.

        Returns:
            The outputs of the last layer ``[B, H]``, and the states after the step.
        """
        after: list[State] = []
        for cell, state in zip(self._cells, states, strict=True):
            own = cell.step(inputs, state)
            after.append(own)
            inputs = own[0]
        return inputs, tuple(after)

    def step_into(
        self, inputs: Tensor, states: tuple[State, ...], after: tuple[State, ...]
    ) -> None:
        """As `step`; the states after it are written into `after`, which are none of the others."""
        for cell, state, own in zip(self._cells, states, after, strict=True):
            cell.step_into(inputs, state, own)
            inputs = own[0]


def prepare_layers(layers: SequenceLayers) -> PreparedLayers:
    """Pack the weights of layers once, for steps of a few microseconds each.

    A step gives bit for bit what the layers give that run all steps at once. The weights are
    copied: training the layers further changes nothing here.

    Raises:
        OptionError: a cell that cannot be stepped so: bidirectional, not of a standard form, with
            zoneout, not of float32, or an installation without the compiled core.
    """
    if not isinstance(layers, RecurrentLayers) or layers.bidirectional or not layers.plain:
        raise OptionError("only layers of a standard cell in one direction can be stepped")
    return PreparedLayers(layers)
