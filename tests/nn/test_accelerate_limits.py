"""What `vartai.accelerate` leaves to torch, at once or at a call, and what it says of it."""

from __future__ import annotations

import abc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.utils import parametrizations

import vartai
from vartai.errors import OptionError, RunError
from vartai.kernels import layer_call, native, operators
from vartai.kernels.direction import Result
from vartai.kernels.forms import Form
from vartai.nn.accelerated_class import accelerated_class, original_class


class Doubled(nn.LSTM):
    """Overrides forward, and calls the one above."""

    def forward(self, inputs: Tensor, hx: object = None) -> Tensor:
        return 2 * super().forward(inputs, hx)[0]


class DoubledTwice(abc.ABC, Doubled):
    """A metaclass of its own, and a second override."""

    def forward(self, inputs: Tensor, hx: object = None) -> Tensor:
        def run() -> Tensor:
            return 2 * super(DoubledTwice, self).forward(inputs, hx)

        return run()


class Named(nn.GRU):
    """Overrides nothing that computes."""

    def __init__(self, size: int, *, label: str) -> None:
        super().__init__(size, size)
        self.label = label


class OwnLoop(nn.LSTM):
    """Calls torch's operator itself."""

    def forward(self, inputs: Tensor, hx: object = None) -> Tensor:
        return nn.LSTM.forward(self, inputs)[0]


class OwnCell(nn.RNNBase):
    """Derived from none of the three layers."""

    def __init__(self) -> None:
        super().__init__("LSTM", 3, 5)


class Registered(nn.GRU):
    """Refuses to be derived from."""

    def __init_subclass__(cls) -> None:
        raise TypeError("final")


@pytest.fixture
def core_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    calls: list[str] = []

    def counted(run: Callable[..., object]) -> Callable[..., object]:
        def count(cell: Form | str, *arguments: object, **options: object) -> object:
            result = run(cell, *arguments, **options)
            if result is not None:  # what the core leaves alone, torch runs
                calls.append(cell if isinstance(cell, str) else cell.operator)
            return result

        return count

    monkeypatch.setattr(layer_call, "run_direction", counted(layer_call.run_direction))
    monkeypatch.setattr(operators, "core_step", counted(operators.core_step))
    return calls


@pytest.mark.parametrize("kind", [Doubled, DoubledTwice])
def test_an_override_that_calls_super_is_kept_and_accelerated_below(
    kind: type[nn.LSTM], core_calls: list[str]
) -> None:
    layer = kind(3, 5)
    inputs = torch.randn(4, 2, 3)
    expected = layer(inputs)
    assert vartai.accelerate(layer).swapped == ("",)
    assert isinstance(layer, kind)
    torch.testing.assert_close(layer(inputs), expected)
    assert core_calls == ["lstm"]


def test_a_subclass_keeps_its_attributes_and_shares_one_accelerated_class() -> None:
    first, second = Named(3, label="a"), Named(3, label="b")
    vartai.accelerate(nn.ModuleList([first, second]))
    assert type(first) is type(second) is accelerated_class(Named)
    assert (first.label, second.label) == ("a", "b")
    assert type(first).__module__ == Named.__module__
    assert original_class(type(first)) is Named


def frozen_forward() -> nn.Module:
    layer = nn.LSTM(3, 5)
    layer.forward = lambda inputs: inputs  # type: ignore[method-assign]
    return layer


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: OwnLoop(3, 5), "OwnLoop.forward does not call super().forward"),
        (OwnCell, "OwnCell is not derived from one of RNN, LSTM, GRU"),
        (lambda: Registered(3, 5), "its class cannot be extended: final"),
        (lambda: nn.LSTM(3, 5, proj_size=2), "it projects its hidden state (proj_size)"),
        (lambda: nn.GRU(3, 5).double(), "weight_ih_l0 is Parameter, torch.float64 on cpu"),
        (lambda: nn.GRUCell(3, 5, device="meta"), "torch.float32 on meta"),
        (frozen_forward, "its forward method was replaced on this one object"),
        (
            lambda: parametrizations.weight_norm(nn.LSTM(3, 5), "weight_hh_l0"),
            "its weights are parametrized",
        ),
    ],
)
def test_what_is_left_alone_is_named_with_the_reason(
    make: Callable[[], nn.Module], reason: str
) -> None:
    model = nn.Sequential(make())
    kind = type(model[0])
    report = vartai.accelerate(model)
    assert report.swapped == ()
    assert reason in report.left_alone["0"]
    assert f"0: {report.left_alone['0']}" in str(report)
    assert type(model[0]) is kind


def test_a_scripted_layer_is_left_alone() -> None:
    with pytest.warns(DeprecationWarning, match="torch.jit.script"):
        scripted = torch.jit.script(nn.Sequential(nn.GRU(3, 5)))
    assert vartai.accelerate(scripted).left_alone == {"0": "it is compiled by torch.jit"}


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor:UserWarning")
def test_a_quantized_layer_is_left_alone() -> None:
    quantized = torch.ao.nn.quantized.dynamic.GRU(3, 5)
    assert vartai.accelerate(nn.Sequential(quantized)).left_alone == {"0": "it is quantized"}


def test_a_second_time_changes_nothing() -> None:
    layer = nn.LSTM(3, 5)
    vartai.accelerate(layer)
    kind = type(layer)
    assert vartai.accelerate(layer).left_alone == {"": "it is accelerated already"}
    assert type(layer) is kind


def test_without_the_core_everything_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "HAS_CORE", False)
    report = vartai.accelerate(nn.LSTM(3, 5))
    assert report.left_alone == {"": "Vartai was installed without its compiled core"}


def in_float64(layer: nn.Module, inputs: Tensor) -> Tensor:
    return layer.double()(inputs.double())[0]


def in_autocast(layer: nn.Module, inputs: Tensor) -> Tensor:
    # Not every processor can do an LSTM in bfloat16 through oneDNN.
    with torch.autocast("cpu", torch.bfloat16), torch.backends.mkldnn.flags(enabled=False):
        return layer(inputs)[0]


def in_a_transform(layer: nn.Module, inputs: Tensor) -> Tensor:
    return torch.func.grad(lambda x: layer(x)[0].square().sum())(inputs)


def in_forward_mode(layer: nn.Module, inputs: Tensor) -> Tensor:
    # oneDNN's LSTM does not differentiate forward.
    with torch.backends.mkldnn.flags(enabled=False):
        return torch.func.jvp(lambda x: layer(x)[0], (inputs,), (inputs,))[1]


def in_a_trace(layer: nn.Module, inputs: Tensor) -> Tensor:
    return torch.jit.trace(layer, torch.zeros_like(inputs), check_trace=False)(inputs)[0]


WAYS = [in_float64, in_autocast, in_a_transform, in_forward_mode, in_a_trace]


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.filterwarnings("ignore:TF32 acceleration:UserWarning")
def test_where_torch_does_not_plainly_compute_its_own_operators_run(
    kind: type[nn.Module],
    way: Callable[[nn.Module, Tensor], Tensor],
    core_calls: list[str],
) -> None:
    layer, inputs = kind(3, 5), torch.randn(4, 2, 3)
    expected = way(layer, inputs)
    vartai.accelerate(layer.float())
    torch.testing.assert_close(way(layer, inputs), expected)
    assert core_calls == []


@pytest.mark.filterwarnings("ignore:The tensor attributes:UserWarning")
def test_an_exported_model_computes_with_operators_of_torch(core_calls: list[str]) -> None:
    model, inputs = nn.Sequential(nn.GRU(3, 5)), torch.randn(4, 2, 3)
    expected = model(inputs)[0]
    vartai.accelerate(model)
    program = torch.export.export(model, (inputs,))
    assert core_calls == []
    torch.testing.assert_close(program.module()(inputs)[0], expected)


def test_a_layer_may_be_scripted_once_it_is_restored() -> None:
    layer = nn.GRU(3, 5)
    vartai.accelerate(layer)
    vartai.restore(layer)
    with pytest.warns(DeprecationWarning, match="torch.jit.script"):
        torch.jit.script(layer)


def test_fake_tensors_and_moved_layers_go_to_torch(core_calls: list[str]) -> None:
    layer = nn.LSTM(3, 5)
    vartai.accelerate(layer)
    with FakeTensorMode(allow_non_fake_inputs=True) as mode:
        outputs = layer(mode.from_tensor(torch.zeros(4, 2, 3)))[0]
    assert outputs.shape == (4, 2, 5)
    assert layer.to("meta")(torch.zeros(4, 2, 3, device="meta"))[0].is_meta
    assert core_calls == []


def test_a_layer_that_returns_to_float32_returns_to_the_core(core_calls: list[str]) -> None:
    layer = nn.GRU(3, 5)
    vartai.accelerate(layer)
    layer.double()(torch.zeros(4, 2, 3).double())
    assert core_calls == []
    layer.float()(torch.zeros(4, 2, 3))
    assert core_calls == ["gru"]


def test_no_sequence_at_all_is_as_in_torch() -> None:
    layer, inputs = nn.GRU(3, 5), torch.zeros(4, 0, 3)
    expected = layer(inputs)
    vartai.accelerate(layer)
    assert [part.shape for part in layer(inputs)] == [part.shape for part in expected]


def test_a_sample_that_agrees_leaves_the_mode_and_the_random_numbers() -> None:
    model = nn.Sequential(nn.Dropout(0.5), nn.LSTM(3, 5))
    model[0].eval()
    numbers = torch.get_rng_state()
    assert vartai.accelerate(model, sample=torch.randn(4, 2, 3)).swapped == ("1",)
    torch.set_rng_state(numbers)
    assert [module.training for module in model.modules()] == [True, False, True]
    assert not model[1]._forward_hooks


def test_a_sample_may_be_a_tuple_of_arguments() -> None:
    layer = nn.LSTM(3, 5)
    hx = torch.randn(1, 2, 5), torch.randn(1, 2, 5)
    assert vartai.accelerate(layer, sample=(torch.randn(4, 2, 3), hx)).swapped == ("",)


@pytest.mark.parametrize("wrong", [0.01, float("nan"), float("inf")])
def test_a_sample_catches_a_wrong_path_names_it_and_undoes_all(
    wrong: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = layer_call.run_direction

    def off(form: Form, *arguments: Any, **options: Any) -> Result:
        found = right(form, *arguments, **options)
        return replace(found, outputs=found.outputs + (wrong if form.cell == "gru" else 0.0))

    monkeypatch.setattr(layer_call, "run_direction", off)
    model = nn.ModuleDict({"sound": nn.LSTM(3, 3), "broken": nn.GRU(3, 5)})
    model.forward = lambda x: model["broken"](model["sound"](x)[0])  # type: ignore[method-assign]
    said = "outputs of 'broken' .* differ from torch's by up to (0.01|inf), .* 0.0001"
    with pytest.raises(RunError, match=said):
        vartai.accelerate(model, sample=torch.randn(4, 2, 3))
    assert [type(layer) for layer in model.values()] == [nn.LSTM, nn.GRU]


def test_a_sample_that_fails_leaves_the_model_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **options: object) -> object:
        raise ArithmeticError

    monkeypatch.setattr(layer_call, "run_direction", broken)
    layer = nn.LSTM(3, 5)
    with pytest.raises(ArithmeticError):
        vartai.accelerate(layer, sample=torch.randn(4, 2, 3))
    assert type(layer) is nn.LSTM


def test_a_negative_tolerance_is_refused() -> None:
    with pytest.raises(OptionError, match="tolerance must be at least 0"):
        vartai.accelerate(nn.LSTM(3, 5), tolerance=-1.0)
