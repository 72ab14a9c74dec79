"""Forms: what they know of a cell, and what they refuse."""

from __future__ import annotations

import pytest
import torch

from vartai.errors import OptionError
from vartai.kernels.forms import STANDARD, Form


def test_only_what_torch_computes_is_standard() -> None:
    assert all(form.standard for form in STANDARD.values())
    assert [form.operator for form in STANDARD.values()] == list(STANDARD)
    for form in (Form("lstm", projection=2), Form("rnn", "elu"), Form("gru", layer_norm=True)):
        assert not form.standard
        with pytest.raises(OptionError, match="no operator of torch computes"):
            form.operator  # noqa: B018


def test_the_weights_are_named_and_ordered_as_in_torch() -> None:
    lstm = torch.nn.LSTM(3, 5, proj_size=2)
    shapes = Form("lstm", projection=2).weight_shapes(3, 5, bias=True)
    assert [f"{name}_l0" for name in shapes] == [name for name, _ in lstm.named_parameters()]
    assert list(shapes.values()) == [tuple(p.shape) for p in lstm.parameters()]


def test_a_form_knows_which_gates_it_computes_and_which_of_them_have_weights() -> None:
    form = Form("lstm", coupled=True, without=("output",), peepholes=True, gate_recurrence=True)
    assert form.gates == ("input", "candidate")
    assert form.sigmoids == ("input",)
    assert form.traced == ("input", "forget", "candidate")
    assert form.state_sizes(5) == (5, 5, 5)
    shapes = form.weight_shapes(3, 5, bias=False)
    assert shapes == {
        "weight_ih": (10, 3),
        "weight_hh": (10, 5),
        "peephole": (5,),
        "weight_gg": (5, 5),
    }
    assert Form("lstm", output_activation="tanh") == Form("lstm")
    assert Form("lstm", "elu", output_activation="tanh").options() == {
        "activation": "elu",
        "output_activation": "tanh",
    }


def test_unknown_names_and_foreign_options_are_refused() -> None:
    with pytest.raises(OptionError, match=r"unknown cell 'gruu'; known: gru, lstm.*Did you mean"):
        Form("gruu")
    with pytest.raises(OptionError, match="unknown activation 'tan'.*Did you mean 'tanh'"):
        Form("lstm", "tan")
    with pytest.raises(OptionError, match="peepholes is an option of lstm, not of gru"):
        Form("gru", peepholes=True)
    with pytest.raises(OptionError, match="reset_before is an option of gru, not of lstm"):
        Form("lstm", reset_before=True)
    with pytest.raises(OptionError, match="without is an option of lstm, not of gru"):
        Form("gru", without=("input",))
    with pytest.raises(OptionError, match="gate_recurrence is not defined with layer_norm"):
        Form("lstm", gate_recurrence=True, layer_norm=True)
    with pytest.raises(OptionError, match="projection must be at least 0, was -1"):
        Form("lstm", projection=-1)


def test_a_wrong_number_of_weights_is_refused() -> None:
    weights = tuple(torch.zeros(1) for _ in range(3))
    with pytest.raises(ValueError, match="lstm: expected 2 weights, or 4 with biases, got 3"):
        Form("lstm").named(weights)
