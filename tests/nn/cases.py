"""Layers in every form, for the tests of this room."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from vartai import nn as ours

D, H = 3, 5
LENGTHS = [4, 0, 7, 1, 9]

# Name of the layer, and the options beyond torch's.
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "RNN": ("RNN", {}),
    "RNN layer norm": ("RNN", {"layer_norm": True, "nonlinearity": "softsign"}),
    "LSTM": ("LSTM", {}),
    "LSTM proj_size": ("LSTM", {"proj_size": 2}),
    "LSTM all": ("LSTM", {"proj_size": 2, "peepholes": True, "coupled": True, "layer_norm": True}),
    "LSTM NFG": ("LSTM", {"without": ("forget",), "peepholes": True, "layer_norm": True}),
    "LSTM NOAF": ("LSTM", {"candidate_activation": "elu", "output_activation": "identity"}),
    "GateRecurrentLSTM": ("GateRecurrentLSTM", {"peepholes": True}),
    "GRU": ("GRU", {}),
    "GRU all": ("GRU", {"reset_after": False, "layer_norm": True, "activation": "elu"}),
}


def build(variant: str, *, seed: int = 1, **options: Any) -> ours.RecurrentLayers:
    """A float64 layer of random numbers; gains and learned states too."""
    name, own = VARIANTS[variant]
    torch.manual_seed(seed)
    layer: ours.RecurrentLayers = getattr(ours, name)(
        D, H, dtype=torch.float64, **{**own, **options}
    )
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(0.6 * torch.randn_like(parameter))
    return layer


def parts(state: Tensor | tuple[Tensor, ...]) -> list[Tensor]:
    """The parts of a state as the layers give and take it."""
    return list(state) if isinstance(state, tuple) else [state]


def random_state(layer: ours.RecurrentLayers, count: int) -> Any:
    """An initial state that needs gradients, as the layer takes it."""
    stacked = layer.num_layers * layer.directions
    state = tuple(
        torch.randn(stacked, count, size, dtype=torch.float64).requires_grad_()
        for size in layer.state_sizes
    )
    return state if len(state) > 1 else state[0]


def lopsided(tensors: list[Tensor]) -> Tensor:
    """A sum that every number enters with a weight of its own."""
    total = torch.zeros((), dtype=torch.float64)
    for place, tensor in enumerate(tensors):
        total = (
            total + (tensor * torch.cos(torch.arange(tensor.numel()) + place).view_as(tensor)).sum()
        )
    return total
