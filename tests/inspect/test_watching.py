"""Watching: every recurrent module of any model tells all it computed, and is then as it was."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import vartai
from vartai.errors import OptionError
from vartai.kernels.forms import STANDARD, Form
from vartai.kernels.reference.run import run_reference
from vartai.nn import GRU, LSTM, SLSTM, GridLSTM, GRUCell, LSTMCell, MinGRU
from vartai.nn.both_ways import BothWays
from vartai.sequences import SequenceBatch

# Torch's own, about what it does without us.
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")

D, H = 3, 4
LENGTHS = torch.tensor([5, 2, 4])
KINDS = {
    "RNN": (nn.RNN, {}, Form("rnn")),
    "RNN relu": (nn.RNN, {"nonlinearity": "relu"}, Form("rnn", "relu")),
    "LSTM": (nn.LSTM, {}, Form("lstm")),
    "LSTM without bias": (nn.LSTM, {"bias": False}, Form("lstm")),
    "LSTM, projected": (nn.LSTM, {"proj_size": 2}, Form("lstm", projection=2)),
    "GRU": (nn.GRU, {}, Form("gru")),
}


def definition(layer: nn.Module, form: Form, batch: SequenceBatch) -> dict[str, object]:
    """What the definition computes, direction by direction."""
    found = {}
    for number in range(layer.num_layers):
        outputs = []
        for suffix in (f"l{number}", f"l{number}_reverse")[: 1 + layer.bidirectional]:
            names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"]
            own = [getattr(layer, f"{name}_{suffix}", None) for name in names]
            weights = tuple(weight for weight in own if weight is not None)
            state = tuple(batch.data.new_zeros(len(batch), n) for n in form.state_sizes(H))
            result = run_reference(
                form, batch, state, weights, reverse="reverse" in suffix, keep=True
            )
            found[suffix] = result.trace
            outputs.append(result.trace.hidden)
        batch = batch.with_data(torch.cat(outputs, 1))
    return found


def require_equal(found: dict, wanted: dict, rows: object) -> None:
    assert list(found) == list(wanted)
    near = {"rtol": 1e-4, "atol": 1e-5}
    for side, trace in found.items():
        torch.testing.assert_close(rows(trace.hidden), wanted[side].hidden.detach(), **near)
        assert list(trace.gates) == list(wanted[side].gates)
        for gate, values in trace.gates.items():
            torch.testing.assert_close(rows(values), wanted[side].gates[gate].detach(), **near)
        if wanted[side].cell is not None:
            torch.testing.assert_close(rows(trace.cell), wanted[side].cell.detach(), **near)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["f32", "f64"])
@pytest.mark.parametrize("kind", KINDS)
def test_layers_of_torch_tell_what_the_definition_computes_in_every_form(
    kind: str, dtype: torch.dtype
) -> None:
    torch.manual_seed(0)
    make, options, form = KINDS[kind]
    layer = make(D, H, num_layers=2, bidirectional=True, batch_first=True, **options).to(dtype)
    padded = torch.randn(3, 5, D, dtype=dtype)
    packed = pack_padded_sequence(padded, LENGTHS, batch_first=True, enforce_sorted=False)
    with torch.no_grad():
        plain = layer(padded)[0], layer(packed)[0].data, layer(padded[0])[0]
        with vartai.inspect.watch(layer) as traces:
            outputs = layer(padded)[0], layer(packed)[0].data, layer(padded[0])[0]
    for one, other in zip(plain, outputs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    first, second, third = traces[""]
    whole = SequenceBatch.from_equal(padded)
    require_equal(first, definition(layer, form, whole), lambda grid: grid.flatten(0, 1))
    ragged = SequenceBatch.from_padded(padded, LENGTHS, batch_first=True)
    assert isinstance(second["l1"].hidden, PackedSequence)
    require_equal(
        second,
        definition(layer, form, ragged),
        lambda own: SequenceBatch.from_packed(own).data,
    )
    alone = SequenceBatch.from_sequences([padded[0]])
    require_equal(third, definition(layer, form, alone), lambda rows: rows)
    assert type(layer) is make


@pytest.mark.parametrize("batch_first", [False, True])
def test_traces_have_the_form_of_the_outputs(batch_first: bool) -> None:
    layer = nn.GRU(D, H, batch_first=batch_first)
    with vartai.inspect.watch(layer) as traces:
        outputs, _ = layer(torch.randn(2, 6, D))
    assert torch.equal(traces[""][0]["l0"].hidden, outputs)
    assert traces[""][0]["l0"].gates["reset"].shape == outputs.shape


class Both(nn.Module):
    """A model of many kinds of recurrent modules."""

    def __init__(self) -> None:
        super().__init__()
        self.torch = nn.ModuleDict({"lstm": nn.LSTM(D, H), "cell": nn.GRUCell(H, H)})
        self.pair = nn.LSTMCell(H, H)
        self.ours = nn.ModuleList([GRU(H, H), LSTM(H, H, coupled=True), SLSTM(H, H), MinGRU(H, H)])
        self.cell = LSTMCell(H, H)
        self.single = GRUCell(H, H)

    def forward(self, inputs: Tensor) -> Tensor:
        rows, _ = self.torch["lstm"](inputs)
        for layer in self.ours:
            rows, _ = layer(rows)
        state, pair, own = torch.zeros(2, H), None, None
        for step in rows:
            state = self.torch["cell"](step, state)
            pair = self.pair(state, pair)
            own = self.cell(pair[0], own)
        return self.single(own[0], state)


def test_every_recurrent_module_of_a_model_is_recorded_under_its_name_one_entry_a_call() -> None:
    torch.manual_seed(1)
    model = Both()
    inputs = torch.randn(3, 2, D)
    before, kinds = model(inputs), [type(part) for part in model.modules()]
    state = copy.deepcopy(model.state_dict())
    with vartai.inspect.watch(model) as traces:
        watched = model(inputs)
    torch.testing.assert_close(watched, before, rtol=1e-4, atol=1e-5)
    counts = {name: len(calls) for name, calls in traces.items()}
    assert counts == {
        "torch.lstm": 1,
        "torch.cell": 3,
        "pair": 3,
        "ours.0": 1,
        "ours.1": 1,
        "ours.2": 1,
        "ours.3": 1,
        "cell": 3,
        "single": 1,
    }
    assert traces["torch.cell"][1]["l0"].gates["update"].shape == (2, H)
    assert torch.equal(traces["single"][0]["l0"].hidden, watched)
    cell = traces["pair"][2]["l0"]
    torch.testing.assert_close(cell.gates["output"] * torch.tanh(cell.cell), cell.hidden)
    assert "9 recurrent modules watched" in str(traces)
    assert [type(part) for part in model.modules()] == kinds
    assert not any(hooks for part in model.modules() for hooks in part._forward_hooks.values())
    assert torch.equal(model(inputs), before)
    assert all(torch.equal(own, state[name]) for name, own in model.state_dict().items())
    assert len(traces["torch.lstm"]) == 1


@pytest.mark.parametrize("make", [GRUCell, nn.GRUCell])
def test_a_cell_without_a_batch_is_recorded_without_one(make: type[nn.Module]) -> None:
    cell = make(D, H)
    inputs = torch.randn(D)
    with vartai.inspect.watch(cell) as traces:
        after = cell(inputs)
    assert torch.equal(traces[""][0]["l0"].hidden, after)
    weights = (cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)
    batch, zeros = SequenceBatch.from_sequences([inputs[None]]), (torch.zeros(1, H),)
    wanted = run_reference(STANDARD["gru"], batch, zeros, weights, keep=True).trace
    for gate, rows in wanted.gates.items():
        torch.testing.assert_close(traces[""][0]["l0"].gates[gate], rows[0].detach())


def test_gradients_are_the_same_while_somebody_watches() -> None:
    layer = nn.LSTM(D, H, proj_size=2)
    inputs = torch.randn(4, 2, D).requires_grad_()
    plain = torch.autograd.grad(layer(inputs)[0].square().sum(), [inputs, *layer.parameters()])
    with vartai.inspect.watch(layer):
        total = layer(inputs)[0].square().sum()
    for one, other in zip(
        plain, torch.autograd.grad(total, [inputs, *layer.parameters()]), strict=True
    ):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_a_layer_in_training_drops_what_torch_drops() -> None:
    layer = nn.GRU(D, H, num_layers=2, dropout=0.5)
    inputs = torch.randn(6, 3, D)
    torch.manual_seed(3)
    plain, _ = layer(inputs)
    torch.manual_seed(3)
    with vartai.inspect.watch(layer):
        watched, _ = layer(inputs)
    torch.testing.assert_close(plain, watched, rtol=1e-4, atol=1e-5)


def test_an_accelerated_model_is_watched_and_stays_accelerated() -> None:
    model = nn.Sequential(nn.GRU(D, H))
    vartai.accelerate(model)
    kind = type(model[0])
    with vartai.inspect.watch(model) as traces:
        model(torch.randn(5, 2, D))
    assert len(traces["0"]) == 1
    assert type(model[0]) is kind


class Own(nn.LSTM):
    """Calls the layer twice."""

    def forward(self, inputs: Tensor) -> Tensor:
        once, _ = super().forward(inputs)
        return super().forward(once)[0]


class Foreign(nn.LSTM):
    """Computes something else."""

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs


@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_what_cannot_be_watched_is_named_with_its_reason() -> None:
    spectral = nn.GRU(D, D)
    parametrize.register_parametrization(spectral, "weight_hh_l0", nn.Identity())
    parts = {"own": Own(D, D), "foreign": Foreign(D, D), "spectral": spectral}
    model = nn.ModuleDict({**parts, "scripted": torch.jit.script(nn.LSTM(D, D))})
    with vartai.inspect.watch(model) as traces:
        for part in parts.values():
            part(torch.randn(4, 2, D))
    assert traces.not_watched == {
        "foreign": "Foreign.forward does not call super().forward",
        "spectral": "its weights are parametrized; accelerate it before they are",
        "scripted": "it is compiled by torch.jit",
    }
    assert len(traces["own"]) == 2
    assert type(model["own"]) is Own
    with pytest.raises(OptionError, match="^foreign is not watched: Foreign.forward does not"):
        traces["foreign"]
    with pytest.raises(OptionError, match="^unknown module 'owm'; .* Did you mean 'own'"):
        traces["owm"]


def test_a_grid_tells_what_time_and_depth_did() -> None:
    grid = GridLSTM(D, H, 2, batch_first=True)
    inputs = torch.randn(3, 5, D)
    with torch.no_grad(), vartai.inspect.watch(grid) as traces:
        outputs, (hidden, memory) = grid(inputs)
    (told,) = traces[""]
    assert list(told) == ["l0", "l0_depth", "l1", "l1_depth"]
    torch.testing.assert_close(told["l1_depth"].hidden, outputs)
    torch.testing.assert_close(told["l0"].hidden[:, -1], hidden[0])
    torch.testing.assert_close(told["l1"].cell[:, -1], memory[1])
    assert set(told["l0_depth"].gates) == {"input", "forget", "candidate", "output"}


def test_memory_is_bounded_and_what_was_left_out_is_counted() -> None:
    layer = LSTM(D, H)
    inputs = torch.randn(5, 2, D)
    with vartai.inspect.watch(layer, units=[2, 0], gates=["forget"], max_calls=2) as traces:
        for _ in range(5):
            outputs, _ = layer(inputs)
    assert len(traces[""]) == 2
    assert traces.left_out == {"": 3}
    kept = traces[""][0]["l0"]
    assert list(kept.gates) == ["forget"]
    assert torch.equal(kept.hidden, outputs[..., [2, 0]])
    with vartai.inspect.watch(layer, max_numbers=500) as traces:
        layer(inputs)
        layer(inputs)
        layer(inputs)
    assert (len(traces[""]), traces.left_out) == (2, {"": 1})
    with vartai.inspect.watch(layer, gates=False) as traces:
        layer(inputs)
    assert traces[""][0]["l0"].gates == {}


def test_only_the_modules_that_are_named_are_watched() -> None:
    model = nn.Sequential(nn.GRU(D, H), nn.Identity())
    with vartai.inspect.watch(model, names=["0"]) as traces:
        model[0](torch.randn(5, 2, D))
    assert list(traces) == ["0"]
    refused = vartai.inspect.watch(model, names=["1"])
    with pytest.raises(OptionError, match="^unknown recurrent module '1'; known: 0"), refused:
        pass
    with (
        pytest.raises(OptionError, match="^there is no recurrent layer or cell"),
        vartai.inspect.watch(nn.Linear(1, 1)),
    ):
        pass


def test_a_failure_while_watching_leaves_everything_as_it_was() -> None:
    model = nn.ModuleList([nn.LSTM(D, H), LSTM(D, H)])
    with pytest.raises(RuntimeError), vartai.inspect.watch(model):
        model[0](torch.randn(5, 2, D + 1))
    refused = vartai.inspect.watch(model, units=[9])
    with pytest.raises(OptionError, match="^unknown unit 9; known: 0 to 3"), refused:
        model[1](torch.randn(5, 2, D))
    assert type(model[0]) is nn.LSTM
    assert model[1].recorder is None
    with vartai.inspect.watch(model) as traces, vartai.inspect.watch(model[1:]) as again:
        model[1](torch.randn(5, 2, D))
    assert again.not_watched == {"0": "it is being watched already"}
    assert len(traces["1"]) == 1


def test_two_ways_of_a_grid_are_one_layer() -> None:
    model = nn.ModuleDict({"enc": BothWays(GridLSTM(D, H), GridLSTM(D, H))})
    with vartai.inspect.watch(model) as traces:
        model["enc"](torch.randn(5, 2, D))
    assert list(traces) == ["enc"]
    assert len(traces["enc"]) == 1
