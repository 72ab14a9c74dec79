"""Everybody who takes part computes the same; who does not is refused by name."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from importlib.util import find_spec

import pytest
import torch
from torch import Tensor, nn

from vartai.errors import RunError
from vartai.measure import layer_norm, layers
from vartai.measure.agreement import require_agreement
from vartai.measure.cases import CELLS, Case
from vartai.measure.entrant import Together
from vartai.measure.entrants import CONTROL, OURS, PEAK, gather
from vartai.measure.work import Work

FORMS = [
    Case(cell, 5, 9, 6, layers=2 if both else 1, bidirectional=both, ragged=ragged, training=train)
    for cell, both, ragged, train in itertools.product(CELLS, *[(False, True)] * 3)
]


@pytest.mark.parametrize("case", FORMS, ids=lambda case: case.name)
def test_all_entrants_agree_tensor_by_tensor(case: Case) -> None:
    field = gather(case, thorough=True)
    require_agreement(case.name, field.entrants, field.judge)
    judged = field.entrants[field.judge].results()
    assert field.entrants[OURS].results().keys() == judged.keys()
    # W_ih, W_hh, b_ih, b_hh of each direction, and the inputs.
    weights = 4 * case.layers * (2 if case.bidirectional else 1)
    assert sum("gradient" in name for name in judged) == (weights + 1 if case.training else 0)
    assert CONTROL in field.entrants


@pytest.mark.parametrize("cell", CELLS)
def test_onnx_runtime_takes_part_in_inference(cell: str) -> None:
    if find_spec("onnxruntime") is None:
        pytest.skip("needs onnxruntime: pip install 'vartai[onnx]'")
    field = gather(Case(cell, 5, 9, 6, ragged=True))  # type: ignore[arg-type]
    assert field.entrants["onnxruntime"].results().keys() == field.entrants[OURS].results().keys()


def test_who_is_not_installed_is_left_out_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vartai.measure.onnx_runtime.find_spec", lambda _: None)
    field = gather(Case("GRU", 2, 3, 4))
    assert field.absent == {"onnxruntime": "not installed: pip install 'vartai[onnx]'"}
    assert "onnxruntime" not in field.entrants


def swap_gates(results: dict[str, Tensor]) -> None:
    name = "gradient of weight_ih_l0"
    results[name] = torch.cat([*reversed(results[name].chunk(4))])


def put_nan(results: dict[str, Tensor]) -> None:
    results["outputs"][3, 2] = torch.nan


def drop_a_row(results: dict[str, Tensor]) -> None:
    results["outputs"] = results["outputs"][1:]


def be_a_thousandth_off(results: dict[str, Tensor]) -> None:
    results["cell"] += 0.001


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (swap_gates, "gradient of weight_ih_l0 of vartai differ"),
        (put_nan, "outputs of vartai differ"),
        (drop_a_row, r"in place of \[45, 6\]"),
        (be_a_thousandth_off, "by 0.001, the largest is"),
    ],
)
def test_a_wrong_result_is_named(
    spoil: Callable[[dict[str, Tensor]], None], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = gather(Case("LSTM", 5, 9, 6, training=True))
    honest = field.entrants[OURS].results

    def spoilt() -> dict[str, Tensor]:
        results = {name: tensor.clone() for name, tensor in honest().items()}
        spoil(results)
        return results

    class Spoilt:
        run = staticmethod(field.entrants[OURS].run)
        results = staticmethod(spoilt)

    with pytest.raises(RunError, match=said):
        require_agreement("a case", {**field.entrants, OURS: Spoilt()}, field.judge)


def test_the_numbers_can_see_the_order_of_gates(monkeypatch: pytest.MonkeyPatch) -> None:
    def swapped(work: Work) -> Together:
        order = [1, 0, 2, 3]
        for weight in work.layer.parameters():
            weight.data = torch.cat([weight.data.chunk(4)[place] for place in order])
        return layers.torch_padded(work)  # type: ignore[return-value]

    case = Case("LSTM", 5, 9, 6)
    wrong, right = swapped(Work(case)), layers.torch_padded(Work(case))
    with pytest.raises(RunError, match="outputs of wrong differ"):
        require_agreement(case.name, {"right": right, "wrong": wrong}, "right")


def test_padding_is_not_compared_where_it_changes_results() -> None:
    one_way = gather(Case("GRU", 5, 9, 6, ragged=True)).entrants["torch padded"]
    both_ways = gather(Case("GRU", 5, 9, 6, ragged=True, bidirectional=True)).entrants
    assert one_way.results().keys() == {"outputs"}
    assert both_ways["torch padded"].results() == {}


def test_the_peak_is_there_with_the_core() -> None:
    entrants = gather(Case("GRU", 2, 3, 4)).entrants
    if PEAK not in entrants:
        pytest.skip("needs the compiled core")
    entrants[PEAK].run()


def test_a_cell_and_a_prepared_step_take_part_and_agree_with_torch() -> None:
    for cell in CELLS:
        field = gather(Case(cell, 1, 1, 8, kind="step"))
        assert field.absent == {}
        assert {"vartai cell", "vartai prepared", "torch cell", "torch"} < field.entrants.keys()
        require_agreement(cell, field.entrants, field.judge)


def test_the_eager_layer_norm_is_the_published_equation() -> None:
    case = Case("LSTM", 3, 2, 4, kind="layer norm")
    work = Work(case)
    loop = layer_norm.EagerLayerNormLSTM(work.layer)
    weights = work.parameters
    inputs, _ = work.padded()
    hidden = cell = torch.zeros(3, 4)
    for step in inputs:
        gates = nn.functional.layer_norm(step @ weights["weight_ih_l0"].T, (16,))
        gates = gates + nn.functional.layer_norm(hidden @ weights["weight_hh_l0"].T, (16,))
        i, f, g, o = (gates + weights["bias_ih_l0"] + weights["bias_hh_l0"]).split(4, 1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        hidden = torch.sigmoid(o) * torch.tanh(nn.functional.layer_norm(cell, (4,)))
    outputs, (last, memory) = loop(inputs)
    torch.testing.assert_close(outputs[-1], hidden)
    torch.testing.assert_close((last[0], memory[0]), (hidden, cell))


@pytest.mark.parametrize("training", [False, True])
def test_the_layer_norm_row_agrees_with_the_loop(training: bool) -> None:
    case = Case("LSTM", 3, 5, 4, kind="layer norm", training=training)
    field = gather(case)
    assert OURS in field.entrants
    require_agreement(case.name, field.entrants, field.judge)
