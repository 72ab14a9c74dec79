"""`vartai.nn` beside `torch.nn`: same parameters, same answers."""

from __future__ import annotations

import copy
import inspect
from pathlib import Path

import pytest
import torch
from tests.nn.cases import VARIANTS, D, build
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import vartai.nn as ours
from vartai.errors import OptionError
from vartai.sequences import SequenceBatch

PAIRS = [
    pytest.param(getattr(ours, name), getattr(nn, name), extra, id=f"{name}-{extra or 'plain'}")
    for name in ("RNN", "LSTM", "GRU")
    for extra in (
        {},
        {"num_layers": 2, "bidirectional": True},
        {"bias": False, "bidirectional": True},
        {"batch_first": True},
        *([{"nonlinearity": "relu"}] if name == "RNN" else []),
        *([{"proj_size": 2, "num_layers": 2, "bidirectional": True}] if name == "LSTM" else []),
    )
]


# torch says that its own layers with projections are slow on a CPU.
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported")


def both(
    ours_type: type, torch_type: type, extra: dict[str, object]
) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(1)
    theirs = torch_type(3, 5, **extra)
    mine = ours_type(3, 5, **extra)
    mine.load_state_dict(theirs.state_dict())
    return mine, theirs


def flat(state: object) -> list[torch.Tensor]:
    return list(state) if isinstance(state, tuple) else [state]  # type: ignore[list-item]


@pytest.mark.parametrize(("ours_type", "torch_type", "extra"), PAIRS)
def test_agrees_with_torch_on_a_dense_batch(
    ours_type: type, torch_type: type, extra: dict[str, object]
) -> None:
    mine, theirs = both(ours_type, torch_type, extra)
    inputs = torch.randn(7, 4, 3)
    outputs, state = mine(inputs)
    expected, expected_state = theirs(inputs)
    torch.testing.assert_close(outputs, expected)
    torch.testing.assert_close(flat(state), flat(expected_state))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["f32", "f64"])
@pytest.mark.parametrize(("ours_type", "torch_type", "extra"), PAIRS)
def test_every_gradient_agrees_with_torch(
    ours_type: type, torch_type: type, extra: dict[str, object], dtype: torch.dtype
) -> None:
    mine, theirs = (module.to(dtype) for module in both(ours_type, torch_type, extra))
    inputs = torch.randn(7, 4, 3, dtype=dtype).requires_grad_()
    count = 7 if extra.get("batch_first") else 4
    stacked = mine.num_layers * mine.directions
    start = tuple(
        torch.randn(stacked, count, size, dtype=dtype).requires_grad_() for size in mine.state_sizes
    )
    found = []
    for layer in (mine, theirs):
        outputs, final = layer(inputs, start if len(start) > 1 else start[0])
        total = (outputs * torch.cos(torch.arange(outputs.numel())).view_as(outputs)).sum()
        total = total + sum(part.square().sum() for part in flat(final))
        found.append(torch.autograd.grad(total, [inputs, *start, *layer.parameters()]))
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("ours_type", "torch_type", "extra"), PAIRS)
def test_lengths_agree_with_a_packed_sequence_in_torch(
    ours_type: type, torch_type: type, extra: dict[str, object]
) -> None:
    mine, theirs = both(ours_type, torch_type, extra)
    first = bool(extra.get("batch_first"))
    lengths = torch.tensor([3, 7, 1, 5])
    inputs = torch.randn(4, 7, 3) if first else torch.randn(7, 4, 3)
    packed = pack_padded_sequence(inputs, lengths, batch_first=first, enforce_sorted=False)
    expected, expected_state = theirs(packed)
    rows, packed_state = mine(packed)
    torch.testing.assert_close(rows.data, expected.data)
    padded, state = mine(inputs, lengths=lengths)
    again = pack_padded_sequence(padded, lengths, batch_first=first, enforce_sorted=False)
    torch.testing.assert_close(again.data, expected.data)
    for found in (state, packed_state):
        torch.testing.assert_close(flat(found), flat(expected_state))


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_takes_and_returns_states_and_unbatched_inputs_like_torch(name: str) -> None:
    mine, theirs = both(getattr(ours, name), getattr(nn, name), {"num_layers": 2})
    state = torch.randn(2, 5)
    start = (state, state + 1) if name == "LSTM" else state
    inputs = torch.randn(6, 3)
    outputs, final = mine(inputs, start)
    expected, expected_final = theirs(inputs, start)
    torch.testing.assert_close(outputs, expected)
    torch.testing.assert_close(flat(final), flat(expected_final))


@pytest.mark.parametrize(("ours_type", "torch_type", "extra"), PAIRS)
def test_the_state_dict_is_that_of_torch_both_ways(
    ours_type: type, torch_type: type, extra: dict[str, object], tmp_path: Path
) -> None:
    mine, theirs = both(ours_type, torch_type, extra)
    assert list(mine.state_dict()) == list(theirs.state_dict())
    theirs.load_state_dict(mine.state_dict())
    torch.save(mine.state_dict(), tmp_path / "weights.pt")
    again = ours_type(3, 5, **extra)
    again.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    inputs = torch.randn(4, 2, 3)
    assert torch.equal(again(inputs)[0], mine(inputs)[0])


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_the_arguments_are_those_of_torch_in_their_order(name: str) -> None:
    mine = inspect.signature(getattr(ours, name)).parameters
    positional = [p for p in mine.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    # torch hides its own behind *args; these are its documented ones.
    wanted = ["input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout"]
    wanted += ["bidirectional", *(["proj_size"] if name == "LSTM" else []), "device", "dtype"]
    if name == "RNN":
        wanted.insert(3, "nonlinearity")
    assert [p.name for p in positional] == wanted
    assert {"layer_norm", "recurrent_dropout", "zoneout", "learned_state"} <= set(mine)


def test_a_fresh_layer_has_the_weights_that_torch_would_draw() -> None:
    torch.manual_seed(3)
    mine = ours.LSTM(3, 5, 2, bidirectional=True)
    torch.manual_seed(3)
    theirs = nn.LSTM(3, 5, 2, bidirectional=True)
    for one, other in zip(mine.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(one, other)


def test_gains_begin_at_one() -> None:
    layer = ours.LSTM(3, 5, layer_norm=True, peepholes=True)
    assert (layer.gain_ih_l0 == 1).all()
    assert (layer.gain_cell_l0 == 1).all()
    assert not layer.bias_cell_l0.any()
    assert layer.peephole_l0.abs().max() <= 5**-0.5


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_form_is_copied_moved_and_differentiated(variant: str) -> None:
    layer = build(variant, bidirectional=True, num_layers=2, learned_state=True)
    inputs = torch.randn(4, 3, 3, dtype=torch.float64)
    lengths = torch.tensor([4, 0, 2])
    twin = copy.deepcopy(layer)
    twin.flatten_parameters()
    outputs, _ = layer(inputs, lengths=lengths)
    assert torch.equal(twin(inputs, lengths=lengths)[0], outputs)
    assert outputs.shape == (4, 3, layer.output_size)
    outputs.square().sum().backward()
    assert all(parameter.grad.any() for parameter in layer.parameters())
    single = twin.float()(inputs.float(), lengths=lengths)[0]
    torch.testing.assert_close(single.double(), outputs, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("variant", VARIANTS)
def test_lengths_are_sequences_run_one_by_one(variant: str) -> None:
    layer = build(variant, bidirectional=True, num_layers=2)
    inputs = torch.randn(6, 3, 3, dtype=torch.float64)
    lengths = [4, 6, 1]
    outputs, final = layer(inputs, lengths=torch.tensor(lengths))
    for place, length in enumerate(lengths):
        alone, last = layer(inputs[:length, place])
        torch.testing.assert_close(outputs[:length, place], alone)
        assert not outputs[length:, place].any()
        for one, other in zip(flat(final), flat(last), strict=True):
            torch.testing.assert_close(one[:, place], other)


def test_what_differs_from_the_defaults_is_shown() -> None:
    assert repr(ours.GRU(3, 5)) == "GRU(3, 5)"
    layer = ours.LSTM(3, 5, 2, proj_size=2, peepholes=True, zoneout=(0.1, 0.2))
    assert (
        repr(layer) == "LSTM(3, 5, num_layers=2, proj_size=2, peepholes=True, zoneout=(0.1, 0.2))"
    )
    assert repr(ours.RNN(3, 5, nonlinearity="elu")) == "RNN(3, 5, nonlinearity='elu')"
    assert repr(ours.GRU(3, 5, reset_after=False)) == "GRU(3, 5, reset_after=False)"


def test_shapes_and_types_that_do_not_fit_are_named() -> None:
    layer = ours.LSTM(3, 5, 2, bidirectional=True, proj_size=2)
    inputs = torch.zeros(4, 6, 3)
    hidden, cell = torch.zeros(4, 6, 2), torch.zeros(4, 6, 5)
    layer(inputs, (hidden, cell))
    with pytest.raises(ValueError, match="inputs must have 3 numbers a step, had 4"):
        layer(torch.zeros(4, 6, 4))
    with pytest.raises(ValueError, match=r"hx: hidden must be \[4, 6, 2\], was \[4, 6, 5\]"):
        layer(inputs, (cell, cell))
    with pytest.raises(ValueError, match=r"hx: cell must be \[4, 6, 5\], was \[4, 1, 5\]"):
        layer(inputs, (hidden, cell[:, :1]))
    with pytest.raises(ValueError, match=r"hx: hidden must be \[4, 2\], was \[4, 6, 2\]"):
        layer(inputs[:, 0], (hidden, cell))
    with pytest.raises(ValueError, match="hx must have 2 parts, had 1"):
        layer(inputs, hidden)
    with pytest.raises(ValueError, match="inputs must be torch.float32 like the weights, were"):
        layer(inputs.double())
    with pytest.raises(ValueError, match="hx: cell must be torch.float32 like the inputs, was"):
        layer(inputs, (hidden, cell.double()))


def test_a_sequence_gives_the_same_alone_and_in_a_batch() -> None:
    torch.manual_seed(2)
    layer = ours.LSTM(3, 5, bidirectional=True).eval()
    batch = SequenceBatch(torch.randn(11, 3), torch.tensor([4, 0, 7]))
    with torch.inference_mode():
        together, (hidden, _) = layer(batch)
        alone, (hidden_alone, _) = layer(SequenceBatch(batch.data[:4], torch.tensor([4])))
    torch.testing.assert_close(together.data[:4], alone.data)
    torch.testing.assert_close(hidden[:, :1], hidden_alone)


def test_an_empty_sequence_is_legal_and_pads_to_zeros() -> None:
    layer = ours.GRU(3, 5, batch_first=True)
    outputs, hidden = layer(torch.randn(2, 6, 3), lengths=torch.tensor([0, 4]))
    assert outputs.shape == (2, 6, 5)
    assert not outputs[0].any()
    assert not outputs[1, 4:].any()
    assert not hidden[0, 0].any()


def test_dropout_acts_between_layers_in_training_only() -> None:
    torch.manual_seed(0)
    layer = ours.GRU(3, 5, num_layers=2, dropout=0.5)
    inputs = torch.randn(4, 2, 3)
    assert not torch.equal(layer(inputs)[0], layer(inputs)[0])
    layer.eval()
    assert torch.equal(layer(inputs)[0], layer(inputs)[0])


def test_options_out_of_bounds_are_refused_by_name() -> None:
    with pytest.raises(OptionError, match="dropout must be at least 0 and below 1, was 1.5"):
        ours.GRU(3, 5, dropout=1.5)
    with pytest.raises(OptionError, match="unknown nonlinearity 'tan'"):
        ours.RNN(3, 5, nonlinearity="tan")
    with pytest.raises(OptionError, match="unknown activation 'tan'"):
        ours.GRU(3, 5, activation="tan")
    with pytest.raises(OptionError, match="proj_size must be at least 0 and below 5, was 5"):
        ours.LSTM(3, 5, proj_size=5)
    with pytest.raises(OptionError, match="hidden_size must be at least 1, was 0"):
        ours.LSTM(3, 0)


@pytest.mark.parametrize("variant", VARIANTS)
def test_outputs_without_rows_have_gradients(variant: str) -> None:
    layer = build(variant)
    for steps, lengths in ((4, torch.tensor([0, 0])), (0, None)):
        layer.zero_grad()
        inputs = torch.zeros(steps, 2, D, dtype=torch.float64)
        layer(inputs, lengths=lengths)[0].sum().backward()
        weight = layer.weights("l0")[0]
        assert torch.equal(weight.grad, torch.zeros_like(weight))
