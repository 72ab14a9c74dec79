"""Recurrent layers prepared for many steps: each a cell with packed weights, one above another."""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.errors import OptionError
from vartai.kernels.direction import State
from vartai.nn.cells import GRUCell, LSTMCell, RecurrentCell, RNNCell
from vartai.nn.layers import RecurrentLayers
from vartai.nn.prepared import prepare_step
from vartai.nn.sequence_layers import SequenceLayers


class PreparedLayers:
    """Layers in one direction, to be stepped; see `prepare_layers`."""

    def __init__(self, layers: RecurrentLayers) -> None:
        self._steps = [prepare_step(_cell(layers, n)) for n in range(layers.num_layers)]

    def step(self, inputs: Tensor, states: tuple[State, ...]) -> tuple[Tensor, tuple[State, ...]]:
        """Advance all layers one step. No gradient flows through it.

        Args:
            inputs: ``[B, D]``, contiguous float32 on the CPU.
            states: of each layer, ``[B, H]`` each part, likewise.

        Returns:
            The outputs of the last layer ``[B, H]``, and the states after the step.
        """
        after: list[State] = []
        for step, state in zip(self._steps, states, strict=True):
            found = step.step(inputs, state[0] if len(state) == 1 else (state[0], state[1]))
            after.append((found,) if isinstance(found, Tensor) else found)
            inputs = after[-1][0]
        return inputs, tuple(after)

    def step_into(
        self, inputs: Tensor, states: tuple[State, ...], after: tuple[State, ...]
    ) -> None:
        """As `step`; the states after it are written into `after`, which are none of the others."""
        for step, state, own in zip(self._steps, states, after, strict=True):
            step.step_into(inputs, state, own)
            inputs = own[0]


def prepare_layers(layers: SequenceLayers) -> PreparedLayers:
    """Pack the weights of layers once, for steps of a few microseconds each.

    A step gives bit for bit what the layers give that run all steps at once. The weights are
    copied: training the layers further changes nothing here.

    Raises:
        OptionError: a cell that cannot be stepped so: bidirectional, not of a standard form, not of
            float32, or an installation without the compiled core.
    """
    if not isinstance(layers, RecurrentLayers) or layers.bidirectional or not layers.form.standard:
        raise OptionError("only layers of a standard cell in one direction can be stepped")
    return PreparedLayers(layers)


def _cell(layers: RecurrentLayers, number: int) -> RecurrentCell:
    weights = layers.weights(f"l{number}")
    sizes = weights[0].size(1), layers.hidden_size
    name = layers.form.cell
    cell: RecurrentCell
    if name == "lstm":
        cell = LSTMCell(*sizes, bias=layers.bias)
    elif name == "gru":
        cell = GRUCell(*sizes, bias=layers.bias)
    else:
        cell = RNNCell(*sizes, bias=layers.bias, nonlinearity=layers.form.activation)
    with torch.no_grad():
        for own, given in zip(cell.weights(), weights, strict=True):
            own.copy_(given)
    return cell
