"""`vartai.accelerate`: the same model, parameters and answers, through other operators."""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import vartai
from vartai.kernels import layer_call, native, operators
from vartai.kernels.forms import Form
from vartai.nn.accelerated_class import TORCH_LAYERS, original_class

Made = dict[str, object]

LAYERS = [
    pytest.param(getattr(nn, name), extra, id=f"{name}-{extra or 'plain'}")
    for name in ("RNN", "LSTM", "GRU")
    for extra in (
        {},
        {"num_layers": 2, "bidirectional": True},
        {"bias": False, "bidirectional": True},
        {"batch_first": True},
        {"num_layers": 3, "dropout": 0.4, "batch_first": True},
        {"num_layers": 2, "dropout": 0.4, "bidirectional": True},
        *([{"nonlinearity": "relu"}] if name == "RNN" else []),
    )
]
CELLS = [
    pytest.param(kind, extra, id=f"{kind.__name__}-{extra or 'plain'}")
    for kind in (nn.RNNCell, nn.LSTMCell, nn.GRUCell)
    for extra in ({}, {"bias": False})
]
CELLS.append(pytest.param(nn.RNNCell, {"nonlinearity": "relu"}, id="RNNCell-relu"))


@pytest.fixture(autouse=True)
def core() -> None:
    if not native.HAS_CORE:
        pytest.fail("vartai is installed without its compiled core: make setup")


@pytest.fixture
def core_calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The cells that were run by Vartai, call by call."""
    calls: list[str] = []

    def counted(run: object) -> object:
        def count(cell: Form | str, *arguments: object, **options: object) -> object:
            result = run(cell, *arguments, **options)
            if result is not None:  # what the core leaves alone, torch runs
                calls.append(cell if isinstance(cell, str) else cell.operator)
            return result

        return count

    for module, name in (
        (layer_call, "run_direction"),
        (layer_call, "run_step"),
        (operators, "core_step"),
    ):
        monkeypatch.setattr(module, name, counted(getattr(module, name)))
    return calls


def pair(kind: type[nn.Module], extra: Made) -> tuple[nn.Module, nn.Module]:
    """A plain layer, and an accelerated one with equal weights."""
    torch.manual_seed(5)
    plain = kind(3, 5, **extra)
    mine = copy.deepcopy(plain)
    assert vartai.accelerate(mine).swapped == ("",)
    return plain, mine


def tensors(outputs: object) -> list[Tensor]:
    if isinstance(outputs, Tensor):
        return [outputs]
    return [tensor for part in outputs if part is not None for tensor in tensors(part)]


def assert_same(plain: nn.Module, mine: nn.Module, *arguments: object) -> None:
    """Outputs, and gradients of parameters and of every argument, tensor by tensor."""
    found = []
    for module in (plain, mine):
        torch.manual_seed(7)
        leaves = [t for t in tensors(arguments) if t.is_floating_point() and t.requires_grad]
        outputs = module(*arguments)
        floats = [t for t in tensors(outputs) if t.is_floating_point()]
        weighed = [(t * torch.linspace(-1, 2, t.numel()).view(t.shape)).sum() for t in floats]
        wanted = [*leaves, *module.parameters()]
        gradients = torch.autograd.grad(sum(weighed), wanted)
        found.append([*tensors(outputs), *gradients])
    for wanted_tensor, tensor in zip(*found, strict=True):
        torch.testing.assert_close(tensor, wanted_tensor, rtol=2e-4, atol=2e-5)
        assert tensor.shape == wanted_tensor.shape


def state(kind: type[nn.Module], *shape: int) -> object:
    hidden, cell = (torch.randn(shape).requires_grad_() for _ in range(2))
    return (hidden, cell) if issubclass(kind, nn.LSTM | nn.LSTMCell) else hidden


def stacked(extra: Made) -> int:
    return int(extra.get("num_layers", 1)) * (2 if extra.get("bidirectional") else 1)


@pytest.mark.parametrize(("kind", "extra"), LAYERS)
@pytest.mark.parametrize("steps", [1, 6])
@pytest.mark.parametrize("given", [False, True])
def test_a_dense_batch_and_its_gradients_are_those_of_torch(
    kind: type[nn.Module], extra: Made, steps: int, given: bool, core_calls: list[str]
) -> None:
    plain, mine = pair(kind, extra)
    shape = (4, steps, 3) if extra.get("batch_first") else (steps, 4, 3)
    hx = (state(kind, stacked(extra), 4, 5),) if given else ()
    assert_same(plain, mine, torch.randn(shape).requires_grad_(), *hx)
    assert len(core_calls) == stacked(extra)


@pytest.mark.parametrize(("kind", "extra"), LAYERS)
@pytest.mark.parametrize("is_sorted", [False, True])
@pytest.mark.parametrize("given", [False, True])
def test_a_packed_batch_comes_back_as_torch_packs_it(
    kind: type[nn.Module], extra: Made, is_sorted: bool, given: bool, core_calls: list[str]
) -> None:
    plain, mine = pair(kind, extra)
    lengths = torch.tensor([7, 5, 5, 1] if is_sorted else [5, 1, 7, 5])
    padded = torch.randn(7, 4, 3).requires_grad_()
    packed = pack_padded_sequence(padded, lengths, enforce_sorted=is_sorted)
    hx = (state(kind, stacked(extra), 4, 5),) if given else ()
    expected, outputs = plain(packed, *hx)[0], mine(packed, *hx)[0]
    assert isinstance(outputs, PackedSequence)
    for found, wanted in zip(outputs[1:], expected[1:], strict=True):
        assert found is wanted
    assert_same(plain, mine, packed, *hx)
    assert len(core_calls) == 2 * stacked(extra)


@pytest.mark.parametrize(("kind", "extra"), LAYERS)
@pytest.mark.parametrize("given", [False, True])
def test_one_sequence_without_a_batch_is_as_in_torch(
    kind: type[nn.Module], extra: Made, given: bool
) -> None:
    plain, mine = pair(kind, extra)
    hx = (state(kind, stacked(extra), 5),) if given else ()
    assert_same(plain, mine, torch.randn(6, 3).requires_grad_(), *hx)


@pytest.mark.parametrize(("kind", "extra"), CELLS)
@pytest.mark.parametrize("batch", [(), (4,)])
@pytest.mark.parametrize("given", [False, True])
def test_a_cell_and_its_gradients_are_those_of_torch(
    kind: type[nn.Module],
    extra: Made,
    batch: tuple[int, ...],
    given: bool,
    core_calls: list[str],
) -> None:
    plain, mine = pair(kind, extra)
    hx = (state(kind, *batch, 5),) if given else ()
    assert_same(plain, mine, torch.randn(*batch, 3).requires_grad_(), *hx)
    # In training a simple cell's step is torch's, which is faster.
    assert len(core_calls) == (0 if kind is nn.RNNCell else 1)


@pytest.mark.parametrize(("kind", "extra"), LAYERS)
def test_inference_gives_what_training_gives(kind: type[nn.Module], extra: Made) -> None:
    plain, mine = pair(kind, extra)
    inputs = torch.randn(6, 4, 3)
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            found, wanted = (tensors(module.eval()(inputs)) for module in (mine, plain))
        torch.testing.assert_close(found, wanted)


def test_the_data_can_see_the_order_of_gates() -> None:
    plain, mine = pair(nn.LSTM, {})
    with torch.no_grad():
        mine.weight_ih_l0.copy_(mine.weight_ih_l0.roll(5, 0))
    with pytest.raises(AssertionError):
        assert_same(plain, mine, torch.randn(6, 4, 3))


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_outputs_have_memory_that_may_be_viewed_and_changed(kind: type[nn.Module]) -> None:
    for extra, shape in (({}, (6, 1, 3)), ({"batch_first": True}, (2, 6, 3))):
        _, mine = pair(kind, extra)
        outputs = mine(torch.randn(shape))[0]
        outputs.view(-1).shape  # noqa: B018
        outputs.mul_(2.0)
        outputs.sum().backward()


@pytest.mark.parametrize("kind", TORCH_LAYERS)
def test_mistakes_are_refused_in_the_words_of_torch(kind: type[nn.Module]) -> None:
    plain, mine = pair(kind, {})
    for wrong in (torch.zeros(4, 2, 9), torch.zeros(2, 2, 2, 2), torch.zeros(4, 2, 3).double()):
        said = []
        for module in (plain, mine):
            with pytest.raises((RuntimeError, ValueError)) as caught:
                module(wrong)
            said.append(str(caught.value))
        assert said[0] == said[1]


class Tagger(nn.Module):
    """Two layers at different depths, one of them used under two names."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 3)
        self.below = nn.Sequential(nn.LSTM(3, 5, batch_first=True))
        self.above = nn.GRU(5, 5, batch_first=True)
        self.again = self.above
        self.scores = nn.Linear(5, 2)

    def forward(self, tokens: Tensor) -> dict[str, Tensor]:
        rows = self.below(self.embedding(tokens))[0]
        rows = self.again(self.above(rows)[0])[0]
        return {"scores": self.scores(rows)}


TOKENS = torch.arange(20).view(4, 5) % 11


def test_layers_at_every_depth_are_swapped_once_and_named() -> None:
    report = vartai.accelerate(Tagger())
    assert report.swapped == ("below.0", "above")
    assert report.left_alone == {}
    assert "2 recurrent layers accelerated\n  below.0\n  above" in str(report)


def test_the_objects_their_classes_hooks_and_parameters_stay() -> None:
    model = Tagger()
    layer = model.above
    parameters = dict(model.named_parameters())
    keys, said = list(model.state_dict()), repr(model)
    calls: list[object] = []
    layer.register_forward_hook(lambda *_: calls.append(None))
    vartai.accelerate(model)
    assert model.above is layer is model.again
    assert isinstance(layer, nn.GRU)
    assert isinstance(layer, nn.RNNBase)
    assert type(layer).__qualname__ == "GRU"
    assert repr(model) == said
    assert list(model.state_dict()) == keys
    assert all(value is parameters[name] for name, value in model.named_parameters())
    model(TOKENS)
    assert len(calls) == 2


def test_restore_undoes_it() -> None:
    model = Tagger()
    vartai.accelerate(model)
    assert vartai.restore(model) == ("below.0", "above")
    assert type(model.above) is nn.GRU
    assert vartai.restore(model) == ()


def test_an_optimiser_made_before_trains_the_same_weights() -> None:
    losses = []
    for accelerated in (False, True):
        torch.manual_seed(3)
        model = Tagger()
        optimiser = torch.optim.Adam(model.parameters(), 0.05)
        if accelerated:
            vartai.accelerate(model)
        for _ in range(20):
            optimiser.zero_grad()
            scores = model(TOKENS)["scores"].flatten(0, 1)
            loss = nn.functional.cross_entropy(scores, TOKENS.view(-1) % 2)
            loss.backward()
            optimiser.step()
        losses.append(loss.item())
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)
    assert losses[0] < 0.5


def test_copies_and_saved_models_stay_accelerated_and_equal() -> None:
    model = Tagger()
    vartai.accelerate(model)
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    loaded = torch.load(file, weights_only=False)
    for other in (copy.deepcopy(model), loaded):
        assert original_class(type(other.above)) is nn.GRU
        assert other.above is other.again
        assert torch.equal(other(TOKENS)["scores"], model(TOKENS)["scores"])
        assert other.above.weight_hh_l0 is not model.above.weight_hh_l0


def test_weights_that_are_exchanged_later_are_the_ones_used() -> None:
    plain, mine = pair(nn.LSTM, {})
    other = nn.LSTM(3, 5)
    mine.load_state_dict(other.state_dict())
    inputs = torch.randn(4, 2, 3)
    torch.testing.assert_close(mine(inputs)[0], other(inputs)[0])
    swapped = {name: value * 2 for name, value in plain.named_parameters()}
    found, wanted = (torch.func.functional_call(m, swapped, (inputs,))[0] for m in (mine, plain))
    torch.testing.assert_close(found, wanted)
    mine.weight_hh_l0 = nn.Parameter(torch.zeros(20, 5))
    plain.load_state_dict(mine.state_dict())
    torch.testing.assert_close(mine(inputs)[0], plain(inputs)[0])
