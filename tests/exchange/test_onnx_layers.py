"""ONNX models of recurrent layers compute what torch does."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from vartai.exchange.gate_order import to_onnx_order
from vartai.exchange.onnx_layers import onnx_layers

onnxruntime = pytest.importorskip("onnxruntime", reason="needs pip install 'vartai[onnx]'")
pytest.importorskip("onnx", reason="needs pip install 'vartai[onnx]'")

KINDS = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}
LENGTHS = torch.tensor([2, 7, 5])


def run(cell: str, layer: nn.RNNBase, inputs: torch.Tensor, *, ragged: bool) -> list[torch.Tensor]:
    model = onnx_layers(cell, dict(layer.named_parameters()), ragged=ragged)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    feeds = {"inputs": inputs.numpy()}
    if ragged:
        feeds["lengths"] = LENGTHS.to(torch.int32).numpy()
    return [torch.from_numpy(found) for found in session.run(None, feeds)]


def torch_outputs(layer: nn.RNNBase, inputs: torch.Tensor, *, ragged: bool) -> torch.Tensor:
    if not ragged:
        return layer(inputs)[0]
    packed = nn.utils.rnn.pack_padded_sequence(inputs, LENGTHS, enforce_sorted=False)
    return nn.utils.rnn.pad_packed_sequence(layer(packed)[0])[0]


@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("cell", list(KINDS))
def test_two_layers_compute_what_torch_does(cell: str, both: bool, ragged: bool) -> None:
    torch.manual_seed(0)
    layer = KINDS[cell](4, 5, num_layers=2, bidirectional=both)
    inputs = torch.randn(7, 3, 4)
    with torch.no_grad():
        outputs, *_ = run(cell, layer, inputs, ragged=ragged)
        torch.testing.assert_close(outputs, torch_outputs(layer, inputs, ragged=ragged))


@pytest.mark.parametrize("cell", ["GRU", "LSTM"])
def test_the_numbers_can_see_the_order_of_gates(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vartai.exchange.onnx_layers.to_onnx_order", lambda _, stacked: stacked)
    torch.manual_seed(0)
    layer = KINDS[cell](4, 5)
    inputs = torch.randn(7, 3, 4)
    with torch.no_grad():
        outputs, *_ = run(cell, layer, inputs, ragged=False)
        difference = (outputs - layer(inputs)[0]).abs().max()
    assert float(difference) > 0.01


def test_weights_that_do_not_divide_into_gates_are_refused() -> None:
    with pytest.raises(ValueError, match=r"GRU has 3 gates, weights were \[8, 2\]"):
        to_onnx_order("GRU", torch.zeros(8, 2))
