"""Grids over planes and over vectors on a GPU are what they are on a CPU in float64."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from vartai.nn import GridLSTM1d, GridLSTM3d
from vartai.nn.grid_lstm3d import CORNERS

GRIDS = {
    "plane": GridLSTM3d(5, 7, 4, corners=CORNERS),
    "plane tied": GridLSTM3d(5, 7, 4, tied=True),
    "vectors": GridLSTM1d(5, 7, 4),
}


def found(grid: nn.Module, inputs: Tensor) -> list[Tensor]:
    """Outputs, and the gradients of a sum in which every number has its weight."""
    outputs = grid(inputs)[0]
    count = torch.arange(outputs.numel(), device=inputs.device, dtype=inputs.dtype)
    (outputs * torch.cos(count).view_as(outputs)).sum().backward()
    return [outputs, *(weight.grad for weight in grid.parameters() if weight.grad is not None)]


@pytest.mark.parametrize("name", GRIDS)
def test_a_grid_and_its_gradients_are_those_of_a_cpu(name: str, gpu: torch.device) -> None:
    torch.manual_seed(3)
    inputs = torch.randn(*((2, 4, 6, 5) if "plane" in name else (6, 5)))
    there = found(copy.deepcopy(GRIDS[name]).to(gpu), inputs.to(gpu))
    exact = found(copy.deepcopy(GRIDS[name]).double(), inputs.double())
    for own, defined in zip(there, exact, strict=True):
        scale = float(defined.detach().abs().max())
        assert own.device.type == "cuda"
        assert float((own.detach().cpu().double() - defined.detach()).abs().max()) < 2e-5 * scale
