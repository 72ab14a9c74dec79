"""Layers under `torch.func`, autocast, and gradients of gradients."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from tests.nn.graphs import ALL, OPERATORS, build, flat
from torch import Tensor, nn
from torch.autograd import forward_ad, gradcheck, gradgradcheck

from vartai import nn as ours
from vartai.sequences import SequenceBatch

CELLS = [ours.RNNCell, ours.LSTMCell, ours.GRUCell]
NOT_NOISY = [name for name in ALL if name != "RNN zoneout"]


def assert_same(found: list[Tensor], wanted: list[Tensor], *, tolerance: float = 1e-5) -> None:
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("lengths", [None, [4, 0, 5]], ids=["dense", "ragged"])
@pytest.mark.parametrize("name", ALL)
def test_inputs_are_mapped(name: str, lengths: list[int] | None) -> None:
    layer = build(name)
    inputs = torch.randn(2, 5, 3, 3)
    given = {} if lengths is None else {"lengths": torch.tensor(lengths)}
    found = flat(torch.func.vmap(lambda each: layer(each, **given))(inputs))
    wanted = [torch.stack(p) for p in zip(*(flat(layer(x, **given)) for x in inputs), strict=True)]
    assert_same(found, wanted)


@pytest.mark.parametrize("name", ["RNN tanh", "LSTM", "GRU", "MinGRU", "IndRNN", "LSTM all"])
def test_an_ensemble_runs_as_one(name: str) -> None:
    first = build(name)
    second = copy.deepcopy(first)
    with torch.no_grad():
        for parameter in second.parameters():
            parameter.mul_(-0.5)
    stacked, buffers = torch.func.stack_module_state([first, second])
    inputs = torch.randn(5, 3, 3)

    def run(parameters: dict[str, Tensor], buffers: dict[str, Tensor]) -> Any:
        return torch.func.functional_call(first, (parameters, buffers), (inputs,))

    found = flat(torch.func.vmap(run)(stacked, buffers))
    pairs = zip(flat(first(inputs)), flat(second(inputs)), strict=True)
    assert_same(found, [torch.stack(pair) for pair in pairs])


@pytest.mark.parametrize("name", ["RNN tanh", "LSTM", "GRU", "MinLSTM", "LSTM all"])
def test_gradients_of_each_example_are_those_of_autograd(name: str) -> None:
    layer = build(name, num_layers=1)
    parameters = dict(layer.named_parameters())
    inputs = torch.randn(2, 5, 3)

    def loss(parameters: dict[str, Tensor], each: Tensor) -> Tensor:
        return torch.func.functional_call(layer, parameters, (each,))[0].square().sum()

    found = torch.func.vmap(torch.func.grad(loss), (None, 0))(parameters, inputs)
    for place, each in enumerate(inputs):
        wanted = torch.autograd.grad(layer(each)[0].square().sum(), list(parameters.values()))
        assert_same([part[place] for part in found.values()], list(wanted), tolerance=1e-4)


@pytest.mark.parametrize("name", ["LSTM", "GRU", "MinGRU"])
# torch scripts a part of what it differentiates with.
@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_forward_mode_is_the_product_with_the_jacobian(name: str) -> None:
    layer = build(name, num_layers=1).double()
    inputs, direction = torch.randn(2, 5, 2, 3, dtype=torch.float64)
    lengths = torch.tensor([5, 3])

    def run(inputs: Tensor) -> Tensor:
        return layer(inputs, lengths=lengths)[0]

    _, found = torch.func.jvp(run, (inputs,), (direction,))
    small = 1e-6
    wanted = (run(inputs + small * direction) - run(inputs - small * direction)) / (2 * small)
    torch.testing.assert_close(found, wanted, rtol=1e-6, atol=1e-6)
    with forward_ad.dual_level():
        dual = run(forward_ad.make_dual(inputs, direction))
        torch.testing.assert_close(forward_ad.unpack_dual(dual).tangent, found)


@pytest.mark.parametrize("kind", CELLS)
def test_cells_are_mapped(kind: type[nn.Module]) -> None:
    cell, inputs = kind(3, 5), torch.randn(4, 2, 3)
    found = torch.func.vmap(cell)(inputs)
    wanted = [cell(each) for each in inputs]
    if not isinstance(found, tuple):
        assert_same([found], [torch.stack(wanted)])
        return
    assert_same(list(found), [torch.stack(part) for part in zip(*wanted, strict=True)])


@pytest.mark.parametrize("lengths", [[3, 3], [3, 0]], ids=["dense", "ragged"])
@pytest.mark.parametrize("name", ALL)
def test_gradients_pass_numerical_checks_in_float64_once_and_twice(
    name: str, lengths: list[int]
) -> None:
    layer = build(name, num_layers=1).double()
    inputs = torch.randn(3, 2, 3, dtype=torch.float64, requires_grad=True)
    names = [n for n, _ in layer.named_parameters()]
    parameters = [parameter.detach().requires_grad_() for parameter in layer.parameters()]

    def run(inputs: Tensor, *parameters: Tensor) -> tuple[Tensor, ...]:
        named = dict(zip(names, parameters, strict=True))
        given = {"lengths": torch.tensor(lengths)}
        results = flat(torch.func.functional_call(layer, named, (inputs,), given))
        # Of an sLSTM only the outputs: its stabiliser counts as a constant in gradients.
        return tuple(results[:1] if name == "SLSTM" else results)

    assert gradcheck(run, (inputs, *parameters), fast_mode=True)
    assert gradgradcheck(run, (inputs, *parameters), fast_mode=True)


@pytest.mark.parametrize("name", NOT_NOISY)
def test_double_backward_in_float32_is_that_of_float64(name: str) -> None:
    found = []
    for dtype in (torch.float32, torch.float64):
        layer = build(name, num_layers=1).to(dtype)
        torch.manual_seed(1)
        inputs = torch.randn(4, 3, 3).to(dtype).requires_grad_()
        outputs = layer(inputs, lengths=torch.tensor([4, 0, 2]))[0]
        (first,) = torch.autograd.grad(outputs.square().sum(), inputs, create_graph=True)
        wanted = list(layer.parameters())
        second = torch.autograd.grad(first.square().sum(), wanted, allow_unused=True)
        found.append([d.double() for d in second if d is not None])
    assert_same(*found, tolerance=1e-3)


@pytest.mark.parametrize("name", ALL)
def test_autocast_changes_neither_precision_nor_type(name: str) -> None:
    layer = build(name)
    inputs = torch.randn(5, 3, 3)
    rounded = inputs.bfloat16()
    lengths = torch.tensor([5, 0, 2])
    wanted = flat(layer(rounded.float(), lengths=lengths))
    with torch.autocast("cpu", torch.bfloat16):
        found = flat(layer(rounded, lengths=lengths))
    assert all(torch.equal(one, other) for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize("name", ALL)
def test_autocast_changes_no_step_and_no_run(name: str) -> None:
    layer = build(name)
    rows = torch.randn(4, 3)
    batch = SequenceBatch(rows, torch.tensor([3, 0, 1]))
    wanted = layer.run(batch).rows
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(layer.run(batch).rows, wanted)
    if not layer.bidirectional:
        stepped = flat(layer.step(rows))
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            found = flat(layer.step(rows))
        assert all(torch.equal(one, other) for one, other in zip(found, stepped, strict=True))


@pytest.mark.parametrize("name", ["LSTM", "MinGRU"])
def test_a_model_trains_under_autocast(name: str) -> None:
    layer, first, last = build(name), nn.Linear(4, 3), nn.Linear(10, 2)
    inputs = torch.randn(5, 3, 4)
    with torch.autocast("cpu", torch.bfloat16):
        outputs, state = layer(first(inputs))
        state = state[0] if isinstance(state, tuple) else state
        again, _ = layer(SequenceBatch.from_padded(first(inputs), torch.tensor([5, 1, 2])))
        scores = last(outputs)
    assert (outputs.dtype, again.data.dtype, scores.dtype) == (
        torch.float32,
        torch.float32,
        torch.bfloat16,
    )
    scores.float().square().sum().backward()
    for parameter in (*layer.parameters(), *first.parameters()):
        assert parameter.grad.dtype == torch.float32
        assert parameter.grad.any()


def test_autocast_inside_a_graph() -> None:
    layer = build("LSTM", num_layers=1)
    torch._dynamo.reset()
    compiled = torch.compile(layer, backend="eager", fullgraph=True)
    inputs = torch.randn(5, 3, 3).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        found, wanted = flat(compiled(inputs)), flat(layer(inputs))
    assert all(torch.equal(one, other) for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize("name", OPERATORS)
def test_the_same_seed_gives_the_same_numbers(name: str) -> None:
    runs = []
    for _ in range(2):
        layer = build(name).train()
        layer.dropout = 0.3
        inputs = torch.randn(5, 3, 3)
        outputs, _ = layer(inputs)
        runs.append([outputs, *torch.autograd.grad(outputs.sum(), list(layer.parameters()))])
    assert all(torch.equal(one, other) for one, other in zip(*runs, strict=True))
