"""What grids of blocks other than a sequence's share: weights of sides, layers, the projection."""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from vartai.errors import require_range, unknown_name
from vartai.kernels.activations import ACTIVATIONS
from vartai.kernels.reference.grid_lstm import HIDDENS, Side, Vectors

DEPTH: Final = "depth"


class GridBlocks(nn.Module):
    """Layers of blocks whose last side is depth. Use `GridLSTM1d` or `GridLSTM3d`.

    Parameters of side s and layer k: ``weight_s_lk`` ``[4d, S·d]``, whose columns meet the hidden
    vectors of the S sides in their order, and ``bias_s_lk`` ``[4d]``; ``[d, S·d]`` and ``[d]`` of a
    depth without memory. ``weight_input`` ``[2d, D]`` and ``bias_input`` project an input into the
    hidden vector and the memory below the first layer; ``[d, D]`` where depth has no memory.

    Args:
        input_size: D.
        hidden_size: d.
        num_layers: layers.
        sides: names of the sides but depth, which comes last.
        tied: all layers have the same weights.
        hidden_form: ``gated`` or ``squashed``.
        depth_activation: what depth is instead of an LSTM; None for an LSTM.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        *,
        sides: tuple[str, ...],
        tied: bool,
        hidden_form: str,
        depth_activation: str | None,
    ) -> None:
        super().__init__()
        require_range("input_size", input_size, at_least=1)
        require_range("hidden_size", hidden_size, at_least=1)
        require_range("num_layers", num_layers, at_least=1)
        if hidden_form not in HIDDENS:
            raise unknown_name("hidden_form", hidden_form, HIDDENS)
        if depth_activation is not None and depth_activation not in ACTIVATIONS:
            raise unknown_name("depth_activation", depth_activation, ACTIVATIONS)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.tied = tied
        self.hidden_form = hidden_form
        self.depth_activation = depth_activation
        self.sides = (*sides, DEPTH)
        for layer in range(1 if tied else num_layers):
            for side in self.sides:
                plain = side == DEPTH and depth_activation is not None
                rows = hidden_size if plain else 4 * hidden_size
                weight = torch.empty(rows, len(self.sides) * hidden_size)
                self.register_parameter(f"weight_{side}_l{layer}", nn.Parameter(weight))
                self.register_parameter(f"bias_{side}_l{layer}", nn.Parameter(torch.empty(rows)))
        below = hidden_size if depth_activation is not None else 2 * hidden_size
        self.weight_input = nn.Parameter(torch.empty(below, input_size))
        self.bias_input = nn.Parameter(torch.empty(below))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw every parameter uniformly within ±1/√d."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def side(self, name: str, layer: int) -> Side:
        """The weights of a side of a layer."""
        number = 0 if self.tied else layer
        activation = self.depth_activation if name == DEPTH else None
        weight: Tensor = getattr(self, f"weight_{name}_l{number}")
        bias: Tensor = getattr(self, f"bias_{name}_l{number}")
        return Side(weight, bias, activation)

    def project(self, inputs: Tensor) -> Vectors:
        """Inputs ``[…, D]`` to the hidden vectors and memories below the first layer.

        Raises:
            ValueError: another size or type than the weights take.
        """
        if inputs.dim() == 0 or inputs.size(-1) != self.input_size:
            raise ValueError(
                f"inputs must have {self.input_size} numbers each, was {list(inputs.shape)}"
            )
        if inputs.dtype != self.weight_input.dtype and not torch.is_autocast_enabled(
            inputs.device.type
        ):
            raise ValueError(
                f"inputs must be {self.weight_input.dtype} like the weights, were {inputs.dtype}"
            )
        projected = linear(inputs, self.weight_input, self.bias_input)
        if self.depth_activation is not None:
            return Vectors(projected, None)
        hidden, memory = projected.chunk(2, dim=-1)
        return Vectors(hidden, memory)

    def extra_repr(self) -> str:
        """The arguments that differ from their defaults."""
        said = [f"{self.input_size}, {self.hidden_size}"]
        said += [
            f"{name}={getattr(self, name)!r}"
            for name, value in self.usual().items()
            if getattr(self, name) != value
        ]
        return ", ".join(said)

    def usual(self) -> dict[str, object]:
        """Options with their defaults."""
        return {
            "num_layers": 1,
            "tied": False,
            "hidden_form": "gated",
            "depth_activation": None,
        }
