"""Layers that are stepped give what the layers give that run all steps at once."""

from __future__ import annotations

import pytest
import torch

from vartai.errors import OptionError
from vartai.kernels.direction import State
from vartai.nn import GRU, LSTM, RNN, RecurrentLayers, prepare_layers


def stepped(layers: RecurrentLayers, inputs: torch.Tensor) -> torch.Tensor:
    prepared = prepare_layers(layers)
    size = inputs.size(1)
    zeros: State = tuple(torch.zeros(size, n) for n in layers.state_sizes)
    states, outputs = (zeros,) * layers.num_layers, []
    for step in inputs:
        output, states = prepared.step(step.contiguous(), states)
        outputs.append(output)
    return torch.stack(outputs)


@pytest.mark.parametrize(
    "layers",
    [
        RNN(5, 7, nonlinearity="relu"),
        RNN(5, 7, num_layers=2),
        GRU(5, 7, num_layers=3, bias=False),
        LSTM(5, 7),
        LSTM(5, 7, num_layers=2),
    ],
    ids=["relu", "tanh x 2", "gru x 3 without bias", "lstm", "lstm x 2"],
)
def test_steps_give_bit_for_bit_what_the_layers_give(layers: RecurrentLayers) -> None:
    inputs = torch.randn(6, 3, 5)
    with torch.inference_mode():
        whole, _ = layers.eval()(inputs)
    assert torch.equal(stepped(layers, inputs), whole)


def test_layers_that_cannot_be_stepped_are_refused() -> None:
    for layers in (LSTM(5, 7, bidirectional=True), LSTM(5, 7, peepholes=True)):
        with pytest.raises(OptionError, match="only layers of a standard cell in one direction"):
            prepare_layers(layers)
