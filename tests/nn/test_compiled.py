"""Layers under `torch.compile`: one graph, the results and gradients of eager layers."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
import torch
from tests.nn.graphs import ALL, OPERATORS, build, flat, gradients
from torch import Tensor, nn
from torch.fx import GraphModule

from vartai import nn as ours

# A graph of steps is long: one layer of those will do.
LAYERS = {name: 2 if name in OPERATORS else 1 for name in ALL}


@pytest.fixture(autouse=True)
def _forget_graphs() -> None:
    torch._dynamo.reset()


class Counting:
    """A backend that runs graphs as they are, and keeps them."""

    def __init__(self) -> None:
        self.graphs: list[GraphModule] = []

    def __call__(self, graph: GraphModule, _: list[Tensor]) -> Any:
        self.graphs.append(graph)
        return graph.forward

    def operators(self) -> list[str]:
        """Names of Vartai's operators in the one graph."""
        (graph,) = self.graphs
        targets = [str(node.target) for node in graph.graph.nodes]
        return [name.split(".")[1] for name in targets if name.startswith("vartai.")]


def assert_same(found: list[Tensor], wanted: list[Tensor], *, tolerance: float = 1e-5) -> None:
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("lengths", [None, [4, 0, 6]], ids=["dense", "ragged"])
@pytest.mark.parametrize("name", ALL)
def test_one_graph_gives_what_the_layer_gives(name: str, lengths: list[int] | None) -> None:
    layer, backend = build(name, num_layers=LAYERS[name]), Counting()
    compiled = torch.compile(layer, backend=backend, fullgraph=True)
    inputs = torch.randn(6, 3, 3, requires_grad=True)
    given = {} if lengths is None else {"lengths": torch.tensor(lengths)}
    found, wanted = flat(compiled(inputs, **given)), flat(layer(inputs, **given))
    assert_same(found, wanted)
    assert_same(gradients(found, inputs, layer), gradients(wanted, inputs, layer), tolerance=1e-4)
    kind = ALL[name][2]
    named = [operator for operator in backend.operators() if operator != "checked_lengths"]
    assert named == ([kind] * 2 * LAYERS[name] if kind else [])


@pytest.mark.parametrize("name", ["RNN tanh", "LSTM", "LSTM no bias", "GRU", "IndRNN"])
def test_gradients_are_compiled_too(name: str) -> None:
    layer = build(name, num_layers=1)
    compiled = torch.compile(layer, backend="aot_eager", fullgraph=True)
    inputs = torch.randn(4, 3, 3, requires_grad=True)
    lengths = torch.tensor([4, 0, 2])
    found, wanted = flat(compiled(inputs, lengths=lengths)), flat(layer(inputs, lengths=lengths))
    assert_same(gradients(found, inputs, layer), gradients(wanted, inputs, layer), tolerance=1e-4)


@pytest.mark.parametrize("name", ["LSTM", "GRU", "MinGRU"])
def test_other_numbers_of_steps_and_sequences_need_no_graphs_of_their_own(name: str) -> None:
    layer, backend = build(name), Counting()
    compiled = torch.compile(layer, backend=backend, fullgraph=True, dynamic=True)
    for steps, count in [(6, 4), (9, 2), (4, 7), (31, 5)]:  # a size like another is taken for it
        inputs, lengths = torch.randn(steps, count, 3), torch.randint(0, steps + 1, (count,))
        wanted = flat(layer(inputs, lengths=lengths))
        assert_same(flat(compiled(inputs, lengths=lengths)), wanted)
    assert len(backend.graphs) == 1


def test_by_default_too_a_second_size_is_the_last_that_makes_a_graph() -> None:
    layer, backend = build("LSTM"), Counting()
    compiled = torch.compile(layer, backend=backend, fullgraph=True)
    for steps in (5, 6, 7, 12, 40):
        inputs = torch.randn(steps, 3, 3)
        assert_same(flat(compiled(inputs)), flat(layer(inputs)))
    assert len(backend.graphs) == 2


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")  # torch calls it itself
def test_inductor_compiles_training() -> None:
    if shutil.which("g++") is None and shutil.which("clang++") is None:
        pytest.skip("inductor needs a C++ compiler, and there is none")
    layer = build("GRU")
    model = nn.Sequential(nn.Linear(3, 3), layer)
    compiled = torch.compile(model, fullgraph=True)
    inputs = torch.randn(6, 3, 3, requires_grad=True)
    found, wanted = flat(compiled(inputs)), flat(model(inputs))
    assert_same(found, wanted)
    assert_same(gradients(found, inputs, model), gradients(wanted, inputs, model), tolerance=1e-4)


@pytest.mark.parametrize("name", ["LSTM", "LSTM all"])
def test_a_sequence_without_a_batch_and_a_given_state_are_compiled(name: str) -> None:
    layer = build(name, num_layers=1)
    compiled = torch.compile(layer, backend="eager", fullgraph=True)
    inputs = torch.randn(6, 3)
    with torch.no_grad():
        _, state = layer(inputs)
    assert_same(flat(compiled(inputs, state)), flat(layer(inputs, state)))


@pytest.mark.parametrize("name", ["RNN tanh", "LSTM", "GRU", "LSTM all", "GRU reset before"])
def test_a_trace_is_compiled(name: str) -> None:
    layer = build(name, num_layers=LAYERS[name])
    compiled = torch.compile(layer, backend="eager", fullgraph=True)
    inputs, lengths = torch.randn(6, 3, 3), torch.tensor([4, 0, 6])
    found = compiled(inputs, lengths=lengths, trace=True)[2]
    wanted = layer(inputs, lengths=lengths, trace=True)[2]
    assert found.keys() == wanted.keys()
    for direction, trace in wanted.items():
        assert found[direction].gates.keys() == trace.gates.keys()
        assert_same([*found[direction].gates.values()], [*trace.gates.values()])
        assert_same([found[direction].hidden], [trace.hidden])
        assert (found[direction].cell is None) == (trace.cell is None)
        if trace.cell is not None:
            assert_same([found[direction].cell], [trace.cell])


@pytest.mark.parametrize("name", ["LSTM", "MinGRU", "GRU reset before"])
def test_what_stands_past_an_end_reaches_neither_results_nor_gradients(name: str) -> None:
    layer = build(name, num_layers=LAYERS[name])
    compiled = torch.compile(layer, backend="eager", fullgraph=True)
    inputs, lengths = torch.randn(5, 2, 3), torch.tensor([2, 5])
    spoilt = inputs.clone()
    spoilt[2:, 0] = torch.nan
    inputs.requires_grad_()
    spoilt.requires_grad_()
    wanted, found = flat(layer(inputs, lengths=lengths)), flat(compiled(spoilt, lengths=lengths))
    assert_same(found, wanted)
    assert_same(gradients(found, spoilt, layer), gradients(wanted, inputs, layer), tolerance=1e-4)


@pytest.mark.parametrize("name", ["LSTM", "MinGRU"])
def test_lengths_that_do_not_fit_are_refused_when_the_graph_runs(name: str) -> None:
    compiled = torch.compile(build(name), backend="eager", fullgraph=True)
    inputs = torch.randn(5, 2, 3)
    for lengths in ([2, 6], [-1, 6]):
        with pytest.raises(ValueError, match="of sequence [01] is not one of 0 to 5"):
            compiled(inputs, lengths=torch.tensor(lengths))


def test_float64_is_compiled_step_by_step() -> None:
    layer, backend = build("GRU", num_layers=1).double(), Counting()
    compiled = torch.compile(layer, backend=backend, fullgraph=True)
    inputs = torch.randn(4, 3, 3, dtype=torch.float64, requires_grad=True)
    found, wanted = flat(compiled(inputs)), flat(layer(inputs))
    assert_same(found, wanted, tolerance=1e-10)
    assert_same(gradients(found, inputs, layer), gradients(wanted, inputs, layer), tolerance=1e-10)
    assert backend.operators() == []


@pytest.mark.parametrize("kind", [ours.RNNCell, ours.LSTMCell, ours.GRUCell])
def test_cells_are_compiled(kind: type[nn.Module]) -> None:
    cell = kind(3, 5)
    compiled = torch.compile(cell, backend="aot_eager", fullgraph=True)
    inputs = torch.randn(2, 3)
    found, wanted = compiled(inputs), cell(inputs)
    assert_same(*[list(r) if isinstance(r, tuple) else [r] for r in (found, wanted)])


# Dynamo asks for the gradient of a tensor on its way between two graphs.
@pytest.mark.filterwarnings("ignore:The .grad attribute:UserWarning")
def test_what_has_no_graph_says_so_and_runs_outside_of_one() -> None:
    layer = build("LSTM")
    inputs = [torch.randn(4, 3), torch.randn(2, 3)]
    packed = nn.utils.rnn.pack_sequence(inputs)
    wanted = layer(packed)[0].data
    strict = torch.compile(layer, backend="eager", fullgraph=True)
    with pytest.raises(Exception, match="takes sequences as a padded tensor, with lengths="):
        strict(packed)
    torch._dynamo.reset()
    found = torch.compile(layer, backend="eager")(packed)[0].data
    assert_same([found], [wanted])


def test_dropout_between_layers_is_the_same_for_a_seed() -> None:
    layer = ours.GRU(3, 5, num_layers=2, dropout=0.5)
    compiled = torch.compile(layer, backend="eager", fullgraph=True)
    inputs, found = torch.randn(6, 3, 3), []
    for _ in range(2):
        torch.manual_seed(3)
        found.append(compiled(inputs)[0])
    assert torch.equal(*found)
    assert not torch.equal(compiled(inputs)[0], found[0])


@pytest.mark.parametrize("name", OPERATORS)
def test_the_operators_keep_the_rules_of_torch(name: str) -> None:
    """Fake results have the shapes and types of real ones; nothing given is written to."""
    layer = build(name, num_layers=1, bidirectional=False)
    weights = [weight.detach().requires_grad_() for weight in layer.parameters()]
    lengths = torch.tensor([2, 0])
    checks = ("test_schema", "test_faketensor", "test_autograd_registration")
    if OPERATORS[name][2] == "scan":
        data = torch.randn(2, 4, weights[0].size(0), requires_grad=True)
        kind = {"MinGRU": "min_gru_g", "MinLSTM": "min_lstm_g", "IndRNN": "ind_rnn_relu"}[name]
        recurrent = torch.rand(5, requires_grad=True) if name == "IndRNN" else None
        arguments: tuple[Any, ...] = (kind, data, lengths, torch.randn(2, 5), recurrent, False)
        torch.library.opcheck(torch.ops.vartai.scan.default, arguments, test_utils=checks)
        return
    data, state = torch.randn(2, 4, 3, requires_grad=True), [torch.randn(2, 5)]
    cell = layer.form.operator
    state *= 2 if cell == "lstm" else 1
    for keep in (True, False):
        arguments = (cell, data, lengths, state, weights, True, keep)
        if not keep:
            data = data.detach()
            weights = [weight.detach() for weight in weights]
            arguments = (cell, data, lengths, state, weights, True, keep)
        torch.library.opcheck(torch.ops.vartai.recurrence.default, arguments, test_utils=checks)
