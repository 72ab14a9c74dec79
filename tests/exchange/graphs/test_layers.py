"""Graphs of layers compute what the layers do, whatever their form, over ragged batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from vartai.errors import OptionError
from vartai.exchange.graphs.layers import AnyLayers, layers_model
from vartai.nn import (
    GRU,
    LSTM,
    RNN,
    SLSTM,
    ClockworkRNN,
    DepthGatedLSTM,
    GateRecurrentLSTM,
    IndRNN,
    MinGRU,
    MinLSTM,
)
from vartai.sequences import SequenceBatch

onnxruntime = pytest.importorskip("onnxruntime", reason="needs pip install 'vartai[onnx]'")
pytest.importorskip("onnx", reason="needs pip install 'vartai[onnx]'")

Make = Callable[..., AnyLayers]
FORMS: dict[str, tuple[Make, dict[str, Any]]] = {
    "rnn": (RNN, {}),
    "rnn relu": (RNN, {"nonlinearity": "relu"}),
    "rnn hardtanh": (RNN, {"nonlinearity": "hardtanh"}),
    "rnn identity": (RNN, {"nonlinearity": "identity"}),
    "rnn layer norm": (RNN, {"layer_norm": True}),
    "lstm": (LSTM, {}),
    "lstm without bias": (LSTM, {"bias": False}),
    "lstm peepholes": (LSTM, {"peepholes": True}),
    "lstm coupled": (LSTM, {"coupled": True}),
    "lstm coupled peepholes": (LSTM, {"coupled": True, "peepholes": True}),
    "lstm leaky_relu": (LSTM, {"activation": "leaky_relu"}),
    "lstm elu": (LSTM, {"activation": "elu"}),
    "lstm hardtanh": (LSTM, {"activation": "hardtanh"}),
    "lstm projection": (LSTM, {"proj_size": 3}),
    "lstm layer norm": (LSTM, {"layer_norm": True}),
    "lstm all scanned": (LSTM, {"layer_norm": True, "peepholes": True, "coupled": True}),
    "lstm learned state": (LSTM, {"learned_state": True}),
    "lstm NIG": (LSTM, {"without": ("input",), "peepholes": True}),
    "lstm NFG": (LSTM, {"without": ("forget",)}),
    "lstm NOG": (LSTM, {"without": ("output",), "coupled": True}),
    "lstm NIAF": (LSTM, {"candidate_activation": "identity", "peepholes": True}),
    "lstm NOAF": (LSTM, {"candidate_activation": "elu", "output_activation": "identity"}),
    "lstm FGR": (GateRecurrentLSTM, {"peepholes": True}),
    "lstm two gates recurrent": (GateRecurrentLSTM, {"without": ("forget",)}),
    "gru": (GRU, {}),
    "gru reset before": (GRU, {"reset_after": False}),
    "gru identity": (GRU, {"activation": "identity"}),
    "gru softsign": (GRU, {"activation": "softsign"}),
    "gru layer norm": (GRU, {"layer_norm": True}),
    "gru layer norm before": (GRU, {"layer_norm": True, "reset_after": False}),
    "gru hardtanh before": (GRU, {"activation": "hardtanh", "reset_after": False}),
    "gru learned state": (GRU, {"learned_state": True}),
    "min gru": (MinGRU, {}),
    "min lstm tanh": (MinLSTM, {"candidate": "tanh"}),
    "ind rnn": (IndRNN, {"nonlinearity": "tanh"}),
    "slstm": (SLSTM, {"num_heads": 2}),
    "clockwork": (ClockworkRNN, {"periods": (1, 2, 3)}),
}
STATES = ["lstm", "gru", "rnn", "lstm projection", "slstm", "min gru", "lstm FGR", "clockwork"]
LENGTHS = torch.tensor([3, 0, 7, 1, 5])


def build(name: str, *, both: bool) -> AnyLayers:
    torch.manual_seed(3)
    kind, options = FORMS[name]
    layers = kind(4, 6, num_layers=2, bidirectional=both, **options)
    with torch.no_grad():
        for parameter in layers.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.3)
    return layers.eval()


def run(model: bytes, **feeds: Tensor) -> list[Tensor]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    found = session.run(None, {name: value.numpy() for name, value in feeds.items()})
    return [torch.from_numpy(part) for part in found]


def expected(layers: AnyLayers, inputs: Tensor, lengths: Tensor, state: Any) -> list[Tensor]:
    batch = SequenceBatch.from_padded(inputs, lengths)
    with torch.no_grad():
        outputs, final = layers(batch, state)
    rows = inputs.new_zeros(*inputs.shape[:2], outputs.data.size(1))
    padded = outputs.padded()
    rows[: padded.size(0)] = padded
    return [rows, *([final] if isinstance(final, Tensor) else final)]


@pytest.mark.parametrize("name", list(FORMS))
def test_a_graph_computes_what_the_layers_do(name: str) -> None:
    layers = build(name, both=True)
    inputs = torch.randn(8, len(LENGTHS), 4)
    found = run(layers_model(layers), inputs=inputs, lengths=LENGTHS.int())
    for one, other in zip(found, expected(layers, inputs, LENGTHS, None), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", [*STATES])
def test_a_sequence_without_steps_keeps_the_state_it_was_given(name: str) -> None:
    layers = build(name, both=False)
    inputs = torch.randn(8, len(LENGTHS), 4)
    again = run(layers_model(layers), inputs=inputs, lengths=LENGTHS.int())[1:]
    shapes = [part.shape for part in again]
    state = [torch.randn(shape).abs() for shape in shapes]
    if name == "clockwork":
        state[1] = torch.randint(0, 6, state[1].shape).float()
    given = {f"{part}_in": own for part, own in zip(layers.state_by_name, state, strict=True)}
    found = run(layers_model(layers, state=True), inputs=inputs, lengths=LENGTHS.int(), **given)
    start = state[0] if len(state) == 1 else tuple(state)
    if name == "slstm":
        start = type(layers(torch.zeros(1, 1, 4))[1])(*state)
    for one, other in zip(found, expected(layers, inputs, LENGTHS, start), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(found[1][:, 1], state[0][:, 1])


@pytest.mark.parametrize("shape", [(0, 3), (4, 0), (0, 0)], ids=str)
@pytest.mark.parametrize("name", ["lstm", "gru", "lstm projection"])
def test_no_steps_and_no_sequences_are_batches_too(name: str, shape: tuple[int, int]) -> None:
    layers = build(name, both=True)
    lengths = torch.zeros(shape[1], dtype=torch.int32)
    outputs, *final = run(layers_model(layers), inputs=torch.zeros(*shape, 4), lengths=lengths)
    assert outputs.shape[:2] == shape
    assert all(part.shape[1] == shape[1] and not part.any() for part in final)


@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
def test_the_numbers_can_see_the_order_of_gates(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "vartai.exchange.graphs.operators.to_onnx_order", lambda _, stacked: stacked
    )
    layers = build(cell.lower(), both=False)
    inputs = torch.randn(8, len(LENGTHS), 4)
    found = run(layers_model(layers), inputs=inputs, lengths=LENGTHS.int())[0]
    difference = (found - expected(layers, inputs, LENGTHS, None)[0]).abs().max()
    assert float(difference) > 0.01


def test_one_graph_serves_every_batch_and_length() -> None:
    layers = build("lstm", both=True)
    session = onnxruntime.InferenceSession(layers_model(layers), providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    for _ in range(6):
        count, steps = (int(n) for n in random.integers(1, 9, 2))
        inputs = torch.randn(steps, count, 4)
        lengths = torch.from_numpy(random.integers(0, steps + 1, count))
        feeds = {"inputs": inputs.numpy(), "lengths": lengths.int().numpy()}
        found = torch.from_numpy(session.run(["outputs"], feeds)[0])
        wanted = expected(layers, inputs, lengths, None)[0]
        torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)


def test_layers_of_another_type_are_refused() -> None:
    with pytest.raises(OptionError, match="a graph is of float32; convert the layers"):
        layers_model(LSTM(2, 3).double())


def test_layers_of_another_kind_are_not_taken_for_ours() -> None:
    from vartai.exchange.graphs.parallel_steps import parallel_cell
    from vartai.nn.layer_stack import LayerStack

    class Other(LayerStack):
        gate_names = ("candidate",)

    with pytest.raises(OptionError, match="no graph is known for Other"):
        parallel_cell(Other(2, 3, 1, True, False, 0.0, False), "l0")  # type: ignore[abstract]
    assert issubclass(Other, nn.Module)


def test_layers_without_a_graph_are_refused_by_name() -> None:
    with pytest.raises(OptionError, match="no graph is known for DepthGatedLSTM"):
        layers_model(DepthGatedLSTM(4, 6, 2))
    with pytest.raises(OptionError, match="no graph is known for zoneout"):
        layers_model(LSTM(4, 6, zoneout=0.5))
