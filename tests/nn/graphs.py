"""Layers to be traced, mapped and exported, and how their results are compared."""

from __future__ import annotations

from typing import Any

import torch
from tests.nn.cases import lopsided
from torch import Tensor, nn

from vartai import nn as ours

# The core computes these, in float32, as one operator a direction.
OPERATORS: dict[str, tuple[type[nn.Module], dict[str, Any], str]] = {
    "RNN tanh": (ours.RNN, {}, "recurrence"),
    "RNN relu": (ours.RNN, {"nonlinearity": "relu"}, "recurrence"),
    "LSTM": (ours.LSTM, {}, "recurrence"),
    "LSTM no bias": (ours.LSTM, {"bias": False}, "recurrence"),
    "GRU": (ours.GRU, {}, "recurrence"),
    "MinGRU": (ours.MinGRU, {}, "scan"),
    "MinLSTM": (ours.MinLSTM, {}, "scan"),
    "IndRNN": (ours.IndRNN, {}, "scan"),
}
# These run step by step.
STEPWISE: dict[str, tuple[type[nn.Module], dict[str, Any], str]] = {
    "LSTM all": (
        ours.LSTM,
        {"proj_size": 2, "peepholes": True, "coupled": True, "layer_norm": True},
        "",
    ),
    "GRU reset before": (ours.GRU, {"reset_after": False, "learned_state": True}, ""),
    "RNN zoneout": (ours.RNN, {"zoneout": 0.3}, ""),
    "SLSTM": (ours.SLSTM, {}, ""),
}
ALL = OPERATORS | STEPWISE


def build(name: str, *, num_layers: int = 2, bidirectional: bool = True) -> nn.Module:
    """A layer of random weights, in evaluation."""
    torch.manual_seed(5)
    kind, options, _ = ALL[name]
    layer = kind(3, 5, num_layers=num_layers, bidirectional=bidirectional, **options)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(0.6 * torch.randn_like(parameter))
    return layer.eval()


def flat(result: Any) -> list[Tensor]:
    """Outputs and the parts of the final state."""
    outputs, final = result
    return [outputs, *(final if isinstance(final, tuple) else [final])]


def gradients(results: list[Tensor], inputs: Tensor, layer: nn.Module) -> list[Tensor]:
    """Of a sum that every number enters with a weight of its own, in inputs and parameters."""
    leaves = [inputs, *layer.parameters()]
    total = lopsided([result.double() for result in results])
    return list(torch.autograd.grad(total, leaves, materialize_grads=True))
