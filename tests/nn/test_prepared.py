"""Cells prepared for many steps."""

from __future__ import annotations

import pytest
import torch

from vartai.errors import OptionError
from vartai.kernels import native
from vartai.nn import GRUCell, LSTMCell, RNNCell, prepare_step


@pytest.mark.parametrize("kind", [RNNCell, GRUCell, LSTMCell])
@pytest.mark.parametrize("bias", [True, False])
def test_a_prepared_step_has_the_form_and_the_numbers_of_the_cell(kind: type, bias: bool) -> None:
    cell = kind(3, 5, bias=bias)
    inputs, hidden = torch.randn(2, 3), torch.randn(2, 5)
    hx = (hidden, torch.randn(2, 5)) if kind is LSTMCell else hidden
    torch.testing.assert_close(prepare_step(cell).step(inputs, hx), cell(inputs, hx))


def test_training_further_changes_nothing_in_what_was_prepared() -> None:
    cell = GRUCell(3, 5)
    inputs, hidden = torch.randn(2, 3), torch.randn(2, 5)
    prepared = prepare_step(cell)
    before = prepared.step(inputs, hidden)
    with torch.no_grad():
        cell.weight_ih.mul_(3.0)
    assert torch.equal(prepared.step(inputs, hidden), before)


def test_weights_of_another_type_are_refused_by_name() -> None:
    with pytest.raises(OptionError, match=r"takes weights of float32, these are torch\.float64"):
        prepare_step(LSTMCell(3, 5, dtype=torch.float64))


def test_bfloat16_is_chosen_by_name_and_an_unknown_type_lists_the_known() -> None:
    cell, inputs, hidden = GRUCell(3, 5), torch.randn(2, 3), torch.randn(2, 5)
    exact, rounded = (
        prepare_step(cell, weights=weights).step(inputs, hidden)
        for weights in ("float32", "bfloat16")
    )
    assert not torch.equal(exact, rounded)
    torch.testing.assert_close(exact, rounded, rtol=0, atol=2e-2)
    with pytest.raises(OptionError, match="type of weights 'float16'; known: bfloat16, float32"):
        prepare_step(cell, weights="float16")


def test_without_the_core_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "HAS_CORE", False)
    with pytest.raises(OptionError, match="needs the compiled core"):
        prepare_step(GRUCell(3, 5))
