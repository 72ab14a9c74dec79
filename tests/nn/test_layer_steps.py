"""Layers taken step by step give what they give at once."""

from __future__ import annotations

import pytest
import torch

from vartai.errors import OptionError
from vartai.nn.gru import GRU
from vartai.nn.layer_steps import LayerSteps
from vartai.nn.layers import RecurrentLayers
from vartai.nn.lstm import LSTM
from vartai.nn.rnn import RNN
from vartai.sequences import SequenceBatch

CELLS: list[type[RecurrentLayers]] = [RNN, GRU, LSTM]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.__name__)
def test_steps_are_the_run(cell: type[RecurrentLayers], packed: bool) -> None:
    torch.manual_seed(3)
    layers = cell(4, 5, num_layers=2)
    rows = torch.randn(3, 7, 4)
    with torch.no_grad():
        whole = layers.run(SequenceBatch.from_equal(rows))
        steps = LayerSteps(layers, packed=packed)
        state = tuple(torch.zeros(2, 3, 5) for _ in layers.state_sizes)
        for place in range(7):
            outputs, state = steps.step(rows[:, place], state)
            torch.testing.assert_close(outputs, whole.rows.view(3, 7, 5)[:, place])
    for own, final in zip(state, whole.state, strict=True):
        torch.testing.assert_close(own, final)


def test_unpacked_steps_have_gradients() -> None:
    layers = GRU(2, 3)
    outputs, _ = LayerSteps(layers, packed=False).step(torch.ones(1, 2), (torch.zeros(1, 1, 3),))
    outputs.sum().backward()
    assert layers.weight_ih_l0.grad is not None


def test_two_directions_cannot_be_stepped() -> None:
    with pytest.raises(OptionError, match="also read from the end cannot be stepped"):
        LayerSteps(GRU(2, 3, bidirectional=True), packed=False)
