"""First weights: where an LSTM begins by remembering, and where it has nothing to remember with."""

from __future__ import annotations

import pytest
import torch

from vartai.nn import GRU, LSTM, DepthGatedLSTM, GridLSTM, RecurrentLayers
from vartai.nn.both_ways import BothWays
from vartai.nn.first_weights import begin_well
from vartai.nn.sequence_layers import SequenceLayers


@pytest.mark.parametrize(
    ("layers", "block"),
    [
        (LSTM(3, 4, 2, bidirectional=True), 1),
        (LSTM(3, 4, without=("input",)), 0),
        (LSTM(3, 4, without=("forget",)), None),
        (LSTM(3, 4, coupled=True), 0),
        (DepthGatedLSTM(3, 4, 2), 1),
        (GRU(3, 4), None),
    ],
    ids=["lstm", "no input gate", "no forget gate", "coupled", "depth", "gru"],
)
def test_the_bias_of_what_remembers_begins_at_one_and_all_others_at_zero(
    layers: SequenceLayers, block: int | None
) -> None:
    begin_well(layers)
    coupled = isinstance(layers, RecurrentLayers) and layers.form.coupled
    for name, parameter in layers.named_parameters():
        if name.startswith("weight_hh"):
            for own in parameter.detach().chunk(len(parameter) // 4):
                torch.testing.assert_close(own @ own.T, torch.eye(4))
        if name.startswith("bias"):
            wanted = torch.zeros_like(parameter)
            if block is not None and name.startswith("bias_ih"):
                wanted[4 * block : 4 * (block + 1)] = -1.0 if coupled else 1.0
            assert torch.equal(parameter.detach(), wanted), name


@pytest.mark.parametrize("ways", [1, 2])
def test_every_side_of_a_grid_begins_by_remembering(ways: int) -> None:
    grids = [GridLSTM(3, 4, 2) for _ in range(ways)]
    layers = grids[0] if ways == 1 else BothWays(*grids)
    begin_well(layers)
    for grid in grids:
        for name, parameter in grid.named_parameters():
            if name.startswith(("bias_time_", "bias_depth_")):
                assert parameter[4:8].tolist() == [1.0] * 4
                assert parameter[:4].abs().max() <= 0.5


def test_a_depth_without_memory_has_nothing_to_remember() -> None:
    grid = GridLSTM(3, 4, 2, depth_activation="relu")
    before = grid.bias_depth_l1.detach().clone()
    begin_well(grid)
    assert torch.equal(grid.bias_depth_l1.detach(), before)
    assert grid.bias_time_l1[4:8].tolist() == [1.0] * 4
