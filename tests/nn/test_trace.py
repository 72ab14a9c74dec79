"""Traces: what a run computed, against the definition computed again from its parts."""

from __future__ import annotations

import pytest
import torch
from tests.nn.cases import LENGTHS, VARIANTS, D, H, build, parts, random_state
from torch import Tensor

from vartai.kernels.reference.run import run_reference
from vartai.nn import LSTM, LayerTrace, RecurrentLayers
from vartai.sequences import SequenceBatch


def ragged(dtype: torch.dtype = torch.float64) -> SequenceBatch:
    rows = torch.randn(sum(LENGTHS), D, dtype=dtype)
    return SequenceBatch(rows, torch.tensor(LENGTHS))


def recomputed(layer: RecurrentLayers, batch: SequenceBatch, suffix: str, place: int) -> object:
    state = tuple(batch.data.new_zeros(len(batch), size) for size in layer.state_sizes)
    reverse = suffix.endswith("_reverse")
    return run_reference(
        layer.form, batch, state, layer.weights(suffix), reverse=reverse, keep=True
    ).trace


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["f32", "f64"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_trace_is_what_the_definition_computes(variant: str, dtype: torch.dtype) -> None:
    layer = build(variant, bidirectional=True, num_layers=2).to(dtype)
    batch = ragged(dtype)
    for grad in (True, False):
        with torch.set_grad_enabled(grad):
            outputs, _, traces = layer(batch, trace=True)
        assert list(traces) == ["l0", "l0_reverse", "l1", "l1_reverse"]
        below = batch
        for number in range(2):
            names = [f"l{number}", f"l{number}_reverse"]
            for place, name in enumerate(names):
                wanted = recomputed(layer, below, name, place)
                found = traces[name]
                assert_rows_equal(found.hidden.data, wanted.hidden)
                assert list(found.gates) == list(wanted.gates)
                for gate in wanted.gates:
                    assert_rows_equal(found.gates[gate].data, wanted.gates[gate])
                if wanted.cell is not None:
                    assert_rows_equal(found.cell.data, wanted.cell)
            joined = torch.cat([traces[name].hidden.data for name in names], 1)
            below = batch.with_data(joined)
        assert torch.equal(below.data, outputs.data)


def assert_rows_equal(found: Tensor, wanted: Tensor) -> None:
    assert not found.requires_grad
    torch.testing.assert_close(found, wanted.detach(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("variant", ["LSTM", "LSTM all", "GRU"])
def test_a_trace_has_the_form_of_the_outputs(variant: str) -> None:
    layer = build(variant, batch_first=True)
    batch = ragged()
    _, _, rows = layer(batch, trace=True)

    def tensors(trace: LayerTrace) -> list:
        cell = [] if trace.cell is None else [trace.cell]
        return [trace.hidden, *cell, *trace.gates.values()]

    wanted = tensors(rows["l0"])
    assert all(isinstance(value, SequenceBatch) for value in wanted)
    padded = tensors(
        layer(batch.padded(batch_first=True), lengths=batch.lengths, trace=True)[2]["l0"]
    )
    nested = torch.nested.nested_tensor_from_jagged(batch.data, offsets=batch.offsets)
    jagged = tensors(layer(nested, trace=True)[2]["l0"])
    for one, grid, other in zip(wanted, padded, jagged, strict=True):
        torch.testing.assert_close(grid, one.padded(batch_first=True))
        torch.testing.assert_close(other.values(), one.data)
    some = SequenceBatch(batch.data, torch.tensor([4, 7, 1, 9]))
    packed = layer(some.packed(), trace=True)
    for one, other in zip(wanted, tensors(packed[2]["l0"]), strict=True):
        assert torch.equal(other.batch_sizes, packed[0].batch_sizes)
        torch.testing.assert_close(SequenceBatch.from_packed(other).data, one.data)
    alone = tensors(layer(batch.data[:4], trace=True)[2]["l0"])
    for one, other in zip(wanted, alone, strict=True):
        torch.testing.assert_close(other, one.data[:4])


def test_gradients_are_the_same_with_a_trace() -> None:
    for dtype in (torch.float32, torch.float64):
        layer = build("LSTM").to(dtype)
        inputs = torch.randn(4, 2, D, dtype=dtype).requires_grad_()
        plain = torch.autograd.grad(layer(inputs)[0].sum(), [inputs, *layer.parameters()])
        traced = torch.autograd.grad(
            layer(inputs, trace=True)[0].sum(), [inputs, *layer.parameters()]
        )
        for one, other in zip(plain, traced, strict=True):
            torch.testing.assert_close(one, other)


def test_the_parts_of_a_trace_make_up_the_state() -> None:
    """h = o * tanh(c) and c = f * c_before + i * g, read off a padded trace."""
    layer = LSTM(D, H)
    inputs = torch.randn(6, 2, D)
    with torch.inference_mode():
        outputs, _, traces = layer(inputs, trace=True)
    trace = traces["l0"]
    torch.testing.assert_close(trace.hidden, outputs)
    torch.testing.assert_close(trace.gates["output"] * torch.tanh(trace.cell), outputs)
    carried = trace.gates["forget"][1:] * trace.cell[:-1]
    made = carried + trace.gates["input"][1:] * trace.gates["candidate"][1:]
    torch.testing.assert_close(trace.cell[1:], made)


def test_a_coupled_forget_gate_is_traced_too() -> None:
    layer = build("LSTM all")
    _, _, traces = layer(ragged(), random_state(layer, len(LENGTHS)), trace=True)
    gates = traces["l0"].gates
    torch.testing.assert_close(gates["forget"].data, 1 - gates["input"].data)


def test_no_trace_is_returned_unless_asked_for() -> None:
    assert len(build("GRU")(ragged())) == 2
    assert parts(build("GRU")(ragged())[1])[0].shape == (1, len(LENGTHS), H)
