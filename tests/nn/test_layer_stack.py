"""One battery over every cell that stands on `LayerStack`: forms, states, streams, directions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from vartai.errors import OptionError
from vartai.kernels.reference.min_gru import min_gru_gates
from vartai.kernels.reference.min_lstm import min_lstm_gates
from vartai.kernels.reference.parallel import run_parallel
from vartai.nn import (
    SLSTM,
    ClockworkRNN,
    DepthGatedLSTM,
    GateRecurrentLSTM,
    IndRNN,
    LayerTrace,
    MinGRU,
    MinLSTM,
)
from vartai.nn.layer_stack import LayerStack
from vartai.sequences import SequenceBatch

CELLS = [
    pytest.param(MinGRU, {}, "min_gru_g", id="MinGRU"),
    pytest.param(MinGRU, {"candidate": "tanh"}, "min_gru_tanh", id="MinGRU-tanh"),
    pytest.param(MinLSTM, {"candidate": "identity"}, "min_lstm_identity", id="MinLSTM-identity"),
    pytest.param(IndRNN, {}, "ind_rnn_relu", id="IndRNN"),
    pytest.param(IndRNN, {"nonlinearity": "tanh"}, "ind_rnn_tanh", id="IndRNN-tanh"),
    pytest.param(SLSTM, {"num_heads": 3}, "slstm", id="SLSTM"),
]
# Whose definition has a signature of its own: their equations have files of their own.
ALL = [
    *CELLS,
    pytest.param(ClockworkRNN, {"periods": (1, 3)}, "", id="ClockworkRNN"),
    pytest.param(DepthGatedLSTM, {}, "", id="DepthGatedLSTM"),
]
LENGTHS = torch.tensor([3, 7, 1, 5])


def build(cell: type[LayerStack], options: dict[str, object], **shape: object) -> LayerStack:
    torch.manual_seed(1)
    layer = cell(4, 6, **shape, **options)  # type: ignore[arg-type]
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.3)
    return layer


def flat(state: object) -> list[Tensor]:
    return list(state) if isinstance(state, tuple) else [state]  # type: ignore[list-item]


def as_hx(state: tuple[Tensor, ...]) -> object:
    return state if len(state) > 1 else state[0]


@pytest.mark.parametrize(("cell", "options", "name"), CELLS)
def test_two_layers_both_ways_are_four_runs_of_the_definition(
    cell: type[LayerStack], options: dict[str, object], name: str
) -> None:
    layer = build(cell, options, num_layers=2, bidirectional=True)
    batch = SequenceBatch(torch.randn(11, 4), torch.tensor([4, 0, 7]))
    start = tuple(torch.rand(4, 3, 6) for _ in range(layer.state_parts))
    found, final = layer(batch, as_hx(start))
    finals = []
    for place, suffix in enumerate(["l0", "l0_reverse", "l1", "l1_reverse"]):
        if place % 2 == 0:
            inputs, outputs = batch, []
        shapes = layer.parameter_shapes(4)
        weights = tuple(layer.parameter(part, suffix) for part in shapes)
        state = tuple(part[place] for part in start)
        rows, last = run_parallel(name, inputs, state, weights, reverse=place % 2 == 1)
        outputs.append(rows)
        finals.append(last)
        batch = batch.with_data(torch.cat(outputs, 1)) if place % 2 else batch
    torch.testing.assert_close(found.data, batch.data, rtol=2e-5, atol=2e-5)
    for part, wanted in zip(flat(final), zip(*finals, strict=True), strict=True):
        torch.testing.assert_close(part, torch.stack(wanted), rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("first", [False, True], ids=["steps-first", "batch-first"])
@pytest.mark.parametrize(("cell", "options", "name"), ALL)
def test_every_form_of_the_same_sequences_gives_the_same(
    cell: type[LayerStack], options: dict[str, object], name: str, first: bool
) -> None:
    layer = build(cell, options, bidirectional=True, batch_first=first).eval()
    padded = torch.randn(4, 9, 4) if first else torch.randn(9, 4, 4)
    ragged = SequenceBatch.from_padded(padded, LENGTHS, batch_first=first)
    packed = pack_padded_sequence(padded, LENGTHS, batch_first=first, enforce_sorted=False)
    rows, state = layer(ragged)
    of_padded, padded_state = layer(padded, lengths=LENGTHS)
    of_packed, packed_state = layer(packed)
    assert of_padded.shape == (*padded.shape[:2], 12)
    wanted = rows.padded(batch_first=first)
    steps = of_padded[:, :7] if first else of_padded[:7]
    torch.testing.assert_close(steps, wanted)
    assert not (of_padded[:, 7:] if first else of_padded[7:]).any()
    torch.testing.assert_close(SequenceBatch.from_packed(of_packed).data, rows.data)
    for part, one, other in zip(flat(state), flat(padded_state), flat(packed_state), strict=True):
        torch.testing.assert_close(part, one)
        torch.testing.assert_close(part, other)


@pytest.mark.parametrize(("cell", "options", "name"), ALL)
def test_one_sequence_needs_no_batch(
    cell: type[LayerStack], options: dict[str, object], name: str
) -> None:
    layer = build(cell, options, num_layers=2)
    inputs = torch.randn(5, 4)
    start = tuple(torch.rand(2, size) for size in layer.state_sizes)
    outputs, final = layer(inputs, as_hx(start))
    wanted, wanted_final = layer(inputs[:, None], as_hx(tuple(p[:, None] for p in start)))
    torch.testing.assert_close(outputs, wanted[:, 0])
    for part, other in zip(flat(final), flat(wanted_final), strict=True):
        torch.testing.assert_close(part, other[:, 0])


@pytest.mark.parametrize(("cell", "options", "name"), ALL)
def test_a_stream_of_steps_ends_where_the_whole_does(
    cell: type[LayerStack], options: dict[str, object], name: str
) -> None:
    layer = build(cell, options, num_layers=2).eval()
    inputs, state = torch.randn(6, 3, 4), None
    with torch.inference_mode():
        wanted, final = layer(inputs)
        for step, expected in zip(inputs, wanted, strict=True):
            outputs, state = layer.step(step, state)  # type: ignore[operator]
            torch.testing.assert_close(outputs, expected)
    for part, other in zip(flat(state), flat(final), strict=True):
        torch.testing.assert_close(part, other)


@pytest.mark.parametrize(("cell", "options", "name"), ALL)
def test_double_precision_and_single_agree(
    cell: type[LayerStack], options: dict[str, object], name: str
) -> None:
    layer = build(cell, options)
    inputs = torch.randn(7, 3, 4)
    single, _ = layer(inputs, lengths=torch.tensor([7, 0, 4]))
    double, _ = layer.double()(inputs.double(), lengths=torch.tensor([7, 0, 4]))
    torch.testing.assert_close(single, double.float(), rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize(("cell", "options", "name"), ALL)
def test_no_sequences_and_only_empty_ones_are_legal(
    cell: type[LayerStack], options: dict[str, object], name: str
) -> None:
    layer = build(cell, options)
    for count in (0, 2):
        empty = SequenceBatch(torch.zeros(0, 4), torch.zeros(count, dtype=torch.int64))
        outputs, state = layer(empty)
        assert outputs.data.shape == (0, 6)
        shapes = [part.shape for part in flat(state)]
        assert shapes == [(1, count, size) for size in layer.state_sizes]
        assert not any(part.any() for part in flat(state))


@pytest.mark.parametrize(("cell", "options", "name"), ALL)
def test_without_a_bias_there_is_none(
    cell: type[LayerStack], options: dict[str, object], name: str
) -> None:
    layer = build(cell, options, bias=False)
    assert not any("bias" in parameter for parameter in layer.state_dict())
    torch.manual_seed(0)
    inputs = torch.randn(5, 2, 4)
    biased = cell(4, 6, **options)  # type: ignore[call-arg]
    with torch.no_grad():
        biased.bias_ih_l0.zero_()  # type: ignore[operator, union-attr]
    biased.load_state_dict(layer.state_dict(), strict=False)
    torch.testing.assert_close(layer(inputs)[0], biased(inputs)[0])


@pytest.mark.parametrize(("cell", "options", "name"), ALL)
def test_what_does_not_fit_is_refused_by_name(
    cell: type[LayerStack], options: dict[str, object], name: str
) -> None:
    layer = build(cell, options)
    with pytest.raises(ValueError, match=r"inputs must have 4 numbers a step, had 3"):
        layer(torch.zeros(5, 2, 3))
    wrong = as_hx(tuple(torch.zeros(1, 3, size) for size in layer.state_sizes))
    with pytest.raises(ValueError, match=r"hidden must be \[1, 2, 6\], was \[1, 3, 6\]"):
        layer(torch.zeros(5, 2, 4), wrong)
    with pytest.raises(
        ValueError, match="lengths belong to a padded batch; inputs was one sequence"
    ):
        layer(torch.zeros(5, 4), lengths=torch.tensor([3]))
    with pytest.raises(OptionError, match="bidirectional layer cannot be fed step by step"):
        build(cell, options, bidirectional=True).step(torch.zeros(2, 4))  # type: ignore[operator]


def test_dropout_acts_between_layers_in_training_only() -> None:
    layer = MinGRU(3, 5, num_layers=2, dropout=0.5)
    inputs = torch.randn(4, 2, 3)
    assert not torch.equal(layer(inputs)[0], layer(inputs)[0])
    layer.eval()
    assert torch.equal(layer(inputs)[0], layer(inputs)[0])


def test_options_are_refused_by_name_and_shown_where_they_differ() -> None:
    with pytest.raises(OptionError, match="unknown candidate 'gg'; known: g, identity, tanh"):
        MinGRU(3, 5, candidate="gg")
    with pytest.raises(OptionError, match="unknown candidate 'sigmoid'"):
        MinLSTM(3, 5, candidate="sigmoid")
    with pytest.raises(OptionError, match="unknown nonlinearity 'relo'.*Did you mean 'relu'"):
        IndRNN(3, 5, nonlinearity="relo")
    with pytest.raises(OptionError, match="num_heads must divide hidden_size 5, was 2"):
        SLSTM(3, 5, num_heads=2)
    with pytest.raises(OptionError, match="dropout must be at least 0 and below 1, was 1"):
        MinGRU(3, 5, dropout=1.0)
    assert repr(MinGRU(3, 5)) == "MinGRU(3, 5)"
    assert (
        repr(MinLSTM(3, 5, 2, candidate="tanh")) == "MinLSTM(3, 5, num_layers=2, candidate='tanh')"
    )
    assert repr(SLSTM(3, 4, num_heads=2)) == "SLSTM(3, 4, num_heads=2)"


def test_an_slstm_begins_with_forget_gates_spread_within_each_head() -> None:
    layer = SLSTM(3, 8, num_layers=2, num_heads=2)
    assert not layer.weight_hh_l0.any()  # type: ignore[operator]
    low, high = (layer.parameter("bias_ih", f"l{place}").view(4, 2, 4) for place in (0, 1))
    assert not low[[0, 2, 3]].any()
    torch.testing.assert_close(low[1, 0], 5 - 12 * torch.tensor([0.0, 1 / 3, 2 / 3, 1.0]) ** 0.3)
    torch.testing.assert_close(high[1, 1], 5 - 12 * torch.tensor([0.0, 1 / 3, 2 / 3, 1.0]) ** 1.6)


def test_an_ind_rnn_begins_with_recurrent_weights_between_0_and_1() -> None:
    weights = IndRNN(3, 200).parameter("weight_hh", "l0").detach()
    assert 0 <= float(weights.min()) < 0.1
    assert 0.9 < float(weights.max()) <= 1


def test_training_a_min_gru_teaches_it_to_remember_the_first_step() -> None:
    torch.manual_seed(0)
    layer, readout = MinGRU(2, 16, candidate="tanh"), torch.nn.Linear(16, 1)
    optimiser = torch.optim.Adam([*layer.parameters(), *readout.parameters()], lr=0.02)
    losses = []
    for _ in range(150):
        lengths = torch.randint(1, 12, (32,))
        inputs = torch.zeros(32, 12, 2).uniform_(-1, 1)
        inputs[:, :, 1] = 0
        inputs[:, 0, 1] = 1
        batch = SequenceBatch.from_padded(inputs, lengths, batch_first=True)
        _, hidden = layer(batch)
        loss = (readout(hidden[0]).squeeze(1) - inputs[:, 0, 0]).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert sum(losses[-20:]) < 0.1 * sum(losses[:20])


GATES = {
    "min_gru": lambda sums, candidate: min_gru_gates(sums, candidate=candidate),
    "min_lstm": lambda sums, candidate: min_lstm_gates(sums, candidate=candidate),
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["f32", "f64"])
@pytest.mark.parametrize("grad", [False, True])
@pytest.mark.parametrize(("cell", "options", "name"), CELLS)
def test_the_parts_of_a_trace_make_up_the_states_of_the_definition(
    cell: type[LayerStack], options: dict[str, object], name: str, grad: bool, dtype: torch.dtype
) -> None:
    layer = build(cell, options, num_layers=2, bidirectional=True).to(dtype)
    batch = SequenceBatch(torch.randn(11, 4, dtype=dtype), torch.tensor([4, 0, 7]))
    with torch.set_grad_enabled(grad):
        plain, _ = layer(batch)
        outputs, _, traces = layer(batch, trace=True)
    torch.testing.assert_close(plain.data, outputs.data)
    below = batch
    for number in range(2):
        suffixes = [f"l{number}", f"l{number}_reverse"]
        for suffix in suffixes:
            trace = traces[suffix]
            weights = tuple(layer.parameter(part, suffix) for part in layer.parameter_shapes(4))
            zeros = tuple(torch.zeros(3, 6, dtype=dtype) for _ in range(layer.state_parts))
            reverse = suffix.endswith("reverse")
            wanted, _ = run_parallel(name, below, zeros, weights, reverse=reverse)
            torch.testing.assert_close(trace.hidden.data, wanted, rtol=2e-5, atol=2e-5)
            remade = remake(name, trace, reverse=reverse)
            torch.testing.assert_close(remade, wanted, rtol=1e-4, atol=2e-5)
            if name.startswith("min"):
                kind, candidate = name.rsplit("_", 1)
                gates = GATES[kind](below.data @ weights[0].T + weights[1], candidate)
                for gate, rows in gates.items():
                    torch.testing.assert_close(trace.gates[gate].data, rows, rtol=1e-4, atol=2e-5)
            assert not any(rows.data.requires_grad for rows in trace.gates.values())
        below = batch.with_data(torch.cat([traces[suffix].hidden.data for suffix in suffixes], 1))
    torch.testing.assert_close(below.data, outputs.data)


def remake(name: str, trace: LayerTrace, *, reverse: bool) -> Tensor:
    """Hidden states, made of a trace's other parts and the states before."""
    made = []
    rows = {gate: each.split() for gate, each in trace.gates.items()}
    hidden = trace.hidden.split()
    for place, states in enumerate(hidden):
        before = torch.zeros_like(states)
        if len(states) and reverse:
            before[:-1] = states[1:]
        elif len(states):
            before[1:] = states[:-1]
        gate = {kind: parts[place] for kind, parts in rows.items()}
        if name.startswith("ind_rnn"):
            made.append(gate["candidate"])
        elif name.startswith("min_gru"):
            made.append((1 - gate["update"]) * before + gate["update"] * gate["candidate"])
        elif name.startswith("min_lstm"):
            made.append(gate["forget"] * before + gate["input"] * gate["candidate"])
        else:
            cells = trace.cell.split()[place]
            earlier = torch.zeros_like(cells)
            if len(cells) and reverse:
                earlier[:-1] = cells[1:]
            elif len(cells):
                earlier[1:] = cells[:-1]
            stored = gate["forget"] * earlier + gate["input"] * gate["candidate"]
            torch.testing.assert_close(stored, cells, rtol=1e-4, atol=1e-5)
            made.append(gate["output"] * cells / gate["normaliser"])
    return torch.cat(made)


@pytest.mark.parametrize(("cell", "options", "name"), CELLS)
def test_a_trace_has_the_form_of_the_outputs(
    cell: type[LayerStack], options: dict[str, object], name: str
) -> None:
    layer = build(cell, options, batch_first=True)
    padded = torch.randn(4, 7, 4)
    packed = pack_padded_sequence(padded, LENGTHS, batch_first=True, enforce_sorted=False)
    found = layer(packed, trace=True)
    assert torch.equal(found[2]["l0"].hidden.data, found[0].data)
    assert torch.equal(found[2]["l0"].hidden.batch_sizes, packed.batch_sizes)
    alone = layer(padded[0], trace=True)
    gates = alone[2]["l0"].gates
    assert {gate.shape for gate in gates.values()} == {(7, 6)}
    assert len(gates) == {"i": 1, "m": len(layer.gate_names), "s": 5}[name[0]]


@pytest.mark.parametrize(
    "build_one",
    [
        lambda: ClockworkRNN(4, 6, 2, bidirectional=True, periods=(1, 3)),
        lambda: DepthGatedLSTM(4, 6, 2, bidirectional=True),
        lambda: GateRecurrentLSTM(4, 6, 2, bidirectional=True, peepholes=True),
    ],
    ids=["ClockworkRNN", "DepthGatedLSTM", "GateRecurrentLSTM"],
)
def test_saved_weights_make_the_same_layers(
    build_one: Callable[[], nn.Module], tmp_path: Path
) -> None:
    layer, other = build_one(), build_one()
    inputs = torch.randn(5, 2, 4)
    assert not torch.equal(layer(inputs)[0], other(inputs)[0])
    torch.save(layer.state_dict(), tmp_path / "weights.pt")
    other.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    assert torch.equal(layer(inputs)[0], other(inputs)[0])
