"""Clockwork RNN layers: the paper's equations, the definition, and a clock that goes on."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from vartai.errors import OptionError
from vartai.kernels.reference.clockwork import ClockworkWeights, clockwork_step
from vartai.nn import ClockworkRNN
from vartai.nn.clockwork_rnn import ClockworkState
from vartai.sequences import SequenceBatch

D, H = 3, 7
PERIODS = (1, 2, 6)
SIZES = (3, 2, 2)
LENGTHS = torch.tensor([4, 0, 13, 1])


def build(**options: object) -> ClockworkRNN:
    torch.manual_seed(1)
    layer = ClockworkRNN(D, H, periods=PERIODS, **options).double()  # type: ignore[arg-type]
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(0.6 * torch.randn_like(parameter))
    return layer


def random_state(layer: ClockworkRNN, count: int) -> ClockworkState:
    stacked = layer.num_layers * layer.directions
    clock = torch.randint(0, 6, (stacked, count, 1)).double()
    return ClockworkState(torch.randn(stacked, count, H).double(), clock)


def by_equations(layer: ClockworkRNN, suffix: str, rows: Tensor, h: Tensor, t: int) -> Tensor:
    """Section 3 of the paper: one block-upper-triangular W_H, and rows of modules that are due."""
    w_h = torch.zeros(H, H).double()
    ends = [sum(SIZES[: place + 1]) for place in range(len(SIZES))]
    for place, (end, size) in enumerate(zip(ends, SIZES, strict=True)):
        w_h[end - size : end, end - size :] = layer.get_parameter(f"weight_hh_{place}_{suffix}")
    w_i, b = (layer.get_parameter(f"{name}_{suffix}") for name in ("weight_ih", "bias_ih"))
    found = []
    for x in rows:
        new, h = torch.tanh(w_h @ h + w_i @ x + b), h.clone()
        for period, end, size in zip(PERIODS, ends, SIZES, strict=True):
            if t % period == 0:
                h[end - size : end] = new[end - size : end]
        t += 1
        found.append(h)
    return torch.stack(found) if found else rows.new_zeros(0, H)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["f64", "f32"])
def test_a_layer_is_the_equations_of_the_paper(dtype: torch.dtype) -> None:
    exact = build(bidirectional=True)
    layer = build(bidirectional=True).to(dtype)
    batch = SequenceBatch(torch.randn(int(LENGTHS.sum()), D).double(), LENGTHS)
    start = random_state(exact, len(LENGTHS))
    given = ClockworkState(*(part.to(dtype) for part in start))
    outputs, final = layer(batch.with_data(batch.data.to(dtype)), given)
    close = {"rtol": 1e-9, "atol": 1e-9} if dtype == torch.float64 else {"rtol": 0, "atol": 2e-5}
    for place, rows in enumerate(batch.split()):
        own = outputs.split()[place].double()
        for direction, suffix in enumerate(["l0", "l0_reverse"]):
            turned = rows.flip(0) if direction else rows
            begun = int(start.clock[direction, place])
            h = start.hidden[direction, place]
            found = by_equations(exact, suffix, turned, h, begun)
            wanted = found.flip(0) if direction else found
            seen = own[:, direction * H : (direction + 1) * H]
            torch.testing.assert_close(seen, wanted, **close)
            end = found[-1] if len(found) else h
            torch.testing.assert_close(final.hidden[direction, place].double(), end, **close)
            assert int(final.clock[direction, place]) == (begun + len(rows)) % 6


def test_a_layer_is_its_definition_step_by_step() -> None:
    layer = build(nonlinearity="softsign")
    w = layer.direction_weights("l0")
    inputs, hidden = torch.randn(13, 2, D).double(), torch.zeros(2, H).double()
    outputs, _ = layer(inputs)
    for t, x in enumerate(inputs):
        clock = torch.full((2,), t)
        hidden = clockwork_step(x, hidden, clock, w, periods=PERIODS, activation="softsign")
        torch.testing.assert_close(outputs[t], hidden)
    bare = ClockworkWeights(w.weight_ih, None, w.recurrent)
    plain = build(bias=False, nonlinearity="softsign")
    plain.load_state_dict(layer.state_dict(), strict=False)
    first = clockwork_step(
        inputs[0],
        torch.zeros(2, H).double(),
        torch.zeros(2),
        bare,
        periods=PERIODS,
        activation="softsign",
    )
    torch.testing.assert_close(plain(inputs)[0][0], first)


def test_chunks_and_single_steps_go_on_with_the_clock() -> None:
    layer = build(num_layers=2)
    inputs = torch.randn(13, 2, D).double()
    outputs, final = layer(inputs)
    state, found, start = None, [], 0
    for size in (4, 1, 0, 5, 3):
        rows, state = layer(inputs[start : start + size], state)
        found.append(rows)
        start += size
    torch.testing.assert_close(torch.cat(found), outputs)
    torch.testing.assert_close(tuple(state), tuple(final))
    state = None
    for x, wanted in zip(inputs, outputs, strict=True):
        row, state = layer.step(x, state)
        torch.testing.assert_close(row, wanted)
    torch.testing.assert_close(tuple(state), tuple(final))
    lost = ClockworkState(final.hidden, torch.zeros_like(final.clock))
    assert not torch.allclose(layer(inputs, lost)[0], layer(inputs, final)[0])


def test_every_gradient_is_that_of_finite_differences() -> None:
    layer = build()
    names = list(layer.state_dict())
    inputs = torch.randn(5, 2, D).double().requires_grad_()
    hidden = torch.randn(1, 2, H).double().requires_grad_()
    parameters = [parameter.detach().requires_grad_() for parameter in layer.parameters()]

    def run(inputs: Tensor, hidden: Tensor, *parameters: Tensor) -> tuple[Tensor, Tensor]:
        state = ClockworkState(hidden, torch.tensor([[[1.0], [4.0]]]).double())
        given = dict(zip(names, parameters, strict=True))
        lengths = {"lengths": torch.tensor([5, 3])}
        outputs, final = torch.func.functional_call(layer, given, (inputs, state), lengths)
        return outputs, final.hidden

    assert torch.autograd.gradcheck(run, (inputs, hidden, *parameters), fast_mode=True)


def test_gradients_through_the_core_are_those_of_the_definition() -> None:
    found = []
    inputs = torch.randn(9, 4, D)
    for dtype in (torch.float32, torch.float64):
        layer = build(num_layers=2, bidirectional=True).to(dtype)
        outputs, final = layer(inputs.to(dtype), lengths=torch.tensor([9, 0, 2, 7]))
        total = (outputs * torch.cos(torch.arange(outputs.numel())).view_as(outputs)).sum()
        total = total + final.hidden.square().sum()
        found.append(torch.autograd.grad(total, list(layer.parameters())))
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one.double(), other, rtol=1e-4, atol=1e-4)


def test_a_trace_tells_what_was_taken_and_when() -> None:
    layer = build(batch_first=True)
    outputs, _, traces = layer(
        torch.randn(2, 13, D).double(), lengths=torch.tensor([13, 9]), trace=True
    )
    trace = traces["l0"]
    assert list(trace.gates) == ["candidate", "clock"]
    clock, candidate = trace.gates["clock"], trace.gates["candidate"]
    due = [[float(t % period == 0) for t in range(13)] for period in PERIODS]
    units = torch.tensor(due).repeat_interleave(torch.tensor(SIZES), 0).T.double()
    assert torch.equal(clock[0], units)
    before = torch.cat([torch.zeros(2, 1, H).double(), outputs[:, :-1]], 1)
    remade = torch.where(clock > 0, candidate, before)
    torch.testing.assert_close(remade[0], outputs[0])
    torch.testing.assert_close(remade[1, :9], outputs[1, :9])


def test_a_traced_graph_computes_the_same() -> None:
    layer = build(bidirectional=True).float()
    inputs, lengths = torch.randn(5, 2, D), torch.tensor([5, 3])
    compiled = torch.compile(layer, backend="eager", fullgraph=True)
    for given in ({}, {"lengths": lengths}):
        (outputs, final), (wanted, end) = compiled(inputs, **given), layer(inputs, **given)
        torch.testing.assert_close(outputs, wanted)
        torch.testing.assert_close(tuple(final), tuple(end))


def test_modules_are_as_many_as_periods_and_read_only_slower_ones() -> None:
    layer = ClockworkRNN(D, 16, periods=(1, 2, 4, 8))
    shapes = [tuple(layer.get_parameter(f"weight_hh_{place}_l0").shape) for place in range(4)]
    assert shapes == [(4, 16), (4, 12), (4, 8), (4, 4)]
    recurrent = sum(math.prod(shape) for shape in shapes)
    assert recurrent == 16 * 16 * 5 // 8
    assert repr(layer) == "ClockworkRNN(3, 16, periods=(1, 2, 4, 8))"
    assert repr(ClockworkRNN(3, 16)) == "ClockworkRNN(3, 16)"


def test_periods_and_states_that_do_not_fit_are_refused() -> None:
    for periods in ((), (2, 1), (1, 1), (0, 1), (1, 2.5)):
        with pytest.raises(OptionError, match="periods must be whole numbers from 1 on, ascending"):
            ClockworkRNN(D, H, periods=periods)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="due together every 16,777,216 steps at most"):
        ClockworkRNN(D, H, periods=(1, 4099, 4111))
    with pytest.raises(OptionError, match="hidden_size must be at least 8, was 7"):
        ClockworkRNN(D, H)
    with pytest.raises(OptionError, match="unknown nonlinearity 'tan'"):
        ClockworkRNN(D, 8, nonlinearity="tan")
    with pytest.raises(ValueError, match=r"hx: clock must be \[1, 2, 1\], was \[1, 2, 7\]"):
        build()(torch.zeros(3, 2, D).double(), (torch.zeros(1, 2, H).double(),) * 2)
    layer = ClockworkRNN(D, H, periods=(1, 3, 500)).bfloat16()
    with pytest.raises(OptionError, match=r"torch.bfloat16 cannot count to 1500, the cycle of"):
        layer(torch.zeros(3, 2, D, dtype=torch.bfloat16))
