"""Layers of one cell above one another, in one direction or two: what such modules share."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from vartai.nn.sequence_layers import SequenceLayers


class LayerStack(SequenceLayers):
    """Layers, each reading the outputs of the one below. Use `MinGRU` or another cell by name.

    A cell says what parameters a direction has, what its state is made of, and how to run one.
    Parameters are named as in `torch.nn`: ``weight_ih_l0``, ``bias_ih_l0_reverse`` and so on.

    Args:
        input_size: D.
        hidden_size: H.
        num_layers: layers.
        bias: whether a bias is added to the products with inputs.
        batch_first: padded tensors are ``[B, T, …]`` in place of ``[T, B, …]``.
        dropout: share of each layer's outputs dropped in training, but not the last layer's.
        bidirectional: a second direction reads each layer's inputs from end to start.
    """

    state_parts = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            batch_first=batch_first,
            dropout=dropout,
            bidirectional=bidirectional,
        )
        self.bias = bias
        for layer in range(num_layers):
            below = input_size if layer == 0 else hidden_size * self.directions
            for suffix in self.suffixes(layer):
                for name, shape in self.layer_shapes(layer, below).items():
                    self.register_parameter(f"{name}_{suffix}", nn.Parameter(torch.empty(shape)))
        self.reset_parameters()

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """H in each part of the state."""
        return (self.hidden_size,) * self.state_parts

    @property
    def first_weight(self) -> Tensor:
        """See `SequenceLayers.first_weight`."""
        return self.parameter("weight_ih", "l0")

    def parameter_shapes(self, below: int) -> dict[str, tuple[int, ...]]:
        """Names, without their suffix, and shapes of a direction that reads `below` features."""
        stacked = len(self.gate_names) * self.hidden_size
        return {"weight_ih": (stacked, below)} | ({"bias_ih": (stacked,)} if self.bias else {})

    def layer_shapes(self, layer: int, below: int) -> dict[str, tuple[int, ...]]:  # noqa: ARG002
        """The same of a direction of one layer; for cells whose layers differ."""
        return self.parameter_shapes(below)

    def reset_parameters(self) -> None:
        """Draw every parameter uniformly within ±1/√H, as `torch.nn` does."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def parameter(self, name: str, suffix: str) -> Tensor:
        """Such as ``weight_ih`` of ``l0_reverse``."""
        # `torch.func.functional_call` puts plain tensors in the place of parameters.
        found: Tensor = getattr(self, f"{name}_{suffix}")
        return found

    def input_weights(self, suffix: str) -> tuple[Tensor, Tensor | None]:
        """``weight_ih`` and ``bias_ih``, None without bias."""
        weight = self.parameter("weight_ih", suffix)
        return weight, self.parameter("bias_ih", suffix) if self.bias else None
