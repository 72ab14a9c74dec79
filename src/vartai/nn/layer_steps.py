"""Layers of one direction, taken one step at a time: what a decoder's loop does.

Where nothing is to be differentiated, weights are packed once and a step is the core's own; else
torch's operators do it, which keep what their gradients need.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.errors import OptionError
from vartai.kernels import native
from vartai.kernels.direction import State
from vartai.kernels.step import run_step
from vartai.nn.layers import RecurrentLayers


class LayerSteps:
    """Recurrent layers above one another, stepped together. Nothing is dropped in between.

    Args:
        layers: of one direction, of a standard form.
        packed: copy and pack the weights, for many steps without gradients: training the layers
            further changes nothing here. Where the core cannot, weights stay as they are.

    Raises:
        OptionError: the layers have two directions, or a step that is not the standard form's.
    """

    def __init__(self, layers: RecurrentLayers, *, packed: bool) -> None:
        if layers.bidirectional:
            raise OptionError("layers that also read from the end cannot be stepped")
        if not layers.plain:
            raise OptionError("only layers of a standard form without zoneout can be stepped")
        self._operator = layers.form.operator
        self._weights = [layers.weights(f"l{place}") for place in range(layers.num_layers)]
        self._cells: list[native.PreparedCell] | None = None
        if packed and native.HAS_CORE and _on_cpu_in_float32(self._weights):
            self._cells = [native.PreparedCell(self._operator, own) for own in self._weights]

    def step(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """Advance by one step.

        Args:
            inputs: ``[R, D]``.
            state: ``[layers, R, H]`` each: hidden, and cell for an LSTM.

        Returns:
            Outputs of the last layer ``[R, H]`` and the state after, shaped as `state`.
        """
        after: list[State] = []
        for place, weights in enumerate(self._weights):
            before = tuple([part[place].contiguous() for part in state])
            if self._cells is not None:
                own = self._cells[place].step(inputs.contiguous(), before)
            else:
                own = run_step(self._operator, inputs, before, weights)
            inputs = own[0]
            after.append(own)
        return inputs, tuple(torch.stack(parts) for parts in zip(*after, strict=True))


def _on_cpu_in_float32(weights: list[tuple[Tensor, ...]]) -> bool:
    return all(
        weight.device.type == "cpu" and weight.dtype == torch.float32
        for own in weights
        for weight in own
    )
