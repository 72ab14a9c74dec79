"""Every layer on a GPU is its definition: float32 there against float64 on a CPU."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from vartai import nn as ours
from vartai.sequences import SequenceBatch

D, H = 11, 17
LENGTHS = torch.tensor([4, 0, 23, 1, 9])

LAYERS: dict[str, tuple[str, dict[str, Any]]] = {
    "RNN": ("RNN", {}),
    "RNN relu": ("RNN", {"nonlinearity": "relu"}),
    "RNN layer norm": ("RNN", {"layer_norm": True}),
    "LSTM": ("LSTM", {}),
    "LSTM two ways, two layers": ("LSTM", {"bidirectional": True, "num_layers": 2}),
    "LSTM proj_size": ("LSTM", {"proj_size": 5}),
    "LSTM peepholes": ("LSTM", {"peepholes": True}),
    "LSTM coupled": ("LSTM", {"coupled": True}),
    "LSTM layer norm": ("LSTM", {"layer_norm": True}),
    "GRU": ("GRU", {}),
    "GRU two ways, two layers": ("GRU", {"bidirectional": True, "num_layers": 2}),
    "GRU reset before": ("GRU", {"reset_after": False}),
    "GRU layer norm": ("GRU", {"layer_norm": True}),
    "IndRNN": ("IndRNN", {}),
    "MinGRU": ("MinGRU", {}),
    "MinLSTM": ("MinLSTM", {}),
    "SLSTM": ("SLSTM", {}),
    "GridLSTM": ("GridLSTM", {"num_layers": 3}),
    "GridLSTM tied": ("GridLSTM", {"num_layers": 3, "tied": True}),
    "GridLSTM time first": ("GridLSTM", {"num_layers": 2, "priority": "time"}),
}


def found(layer: nn.Module, rows: Tensor) -> list[Tensor]:
    """Outputs, final state, and the gradients of a sum in which every number has its weight."""
    rows = rows.clone().requires_grad_()
    outputs, state = layer(SequenceBatch(rows, LENGTHS))
    values = [outputs.data, *(state if isinstance(state, tuple) else (state,))]
    total = rows.new_zeros(())
    for value in values:
        count = torch.arange(value.numel(), device=rows.device, dtype=rows.dtype)
        total = total + (value * torch.cos(count).view_as(value)).sum()
    total.backward()  # type: ignore[no-untyped-call]
    gradients = [rows.grad, *(weight.grad for weight in layer.parameters())]
    return [*values, *(gradient for gradient in gradients if gradient is not None)]


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_and_its_gradients_are_those_of_the_definition(
    name: str, gpu: torch.device
) -> None:
    kind, options = LAYERS[name]
    torch.manual_seed(3)
    layer = getattr(ours, kind)(D, H, **options)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(0.3 * torch.randn_like(parameter))
    rows = torch.randn(int(LENGTHS.sum()), D)
    there = found(copy.deepcopy(layer).to(gpu), rows.to(gpu))
    exact = found(layer.double(), rows.double())
    assert len(there) == len(exact) > 3
    for own, defined in zip(there, exact, strict=True):
        scale = float(defined.detach().abs().max()) or 1.0
        worst = float((own.detach().cpu().double() - defined.detach()).abs().max()) / scale
        assert own.device.type == "cuda"
        assert worst < 5e-5


def test_a_sequence_on_a_gpu_does_not_depend_on_its_neighbours(gpu: torch.device) -> None:
    torch.manual_seed(4)
    layer = ours.LSTM(D, H, bidirectional=True).to(gpu).eval()
    batch = SequenceBatch(torch.randn(int(LENGTHS.sum()), D, device=gpu), LENGTHS)
    with torch.no_grad():
        together = layer(batch)[0].split()
        for rows, of_all in zip(batch.split(), together, strict=True):
            alone = layer(SequenceBatch(rows, torch.tensor([len(rows)])))[0].data
            assert torch.allclose(alone, of_all, atol=1e-6)
