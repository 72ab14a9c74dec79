"""Single steps: exact drop-ins for torch's cells."""

from __future__ import annotations

import copy

import pytest
import torch
from tests.nn.cases import D, H, parts
from torch import nn

from vartai import nn as ours
from vartai.errors import OptionError

CELLS = [
    pytest.param(name, options, id=f"{name}-{options or 'plain'}")
    for name in ("RNNCell", "LSTMCell", "GRUCell")
    for options in ({}, {"bias": False}, {"nonlinearity": "relu"})
    if name == "RNNCell" or "nonlinearity" not in options
]


@pytest.mark.parametrize("batched", [True, False], ids=["batched", "one"])
@pytest.mark.parametrize(("name", "options"), CELLS)
def test_agrees_with_torch_forward_and_back(name: str, options: dict, batched: bool) -> None:
    theirs = getattr(nn, name)(D, H, **options)
    cell = getattr(ours, name)(D, H, **options)
    assert list(cell.state_dict()) == list(theirs.state_dict())
    cell.load_state_dict(theirs.state_dict())
    theirs.load_state_dict(cell.state_dict())
    count = (4,) if batched else ()
    inputs = torch.randn(*count, D, requires_grad=True)
    hidden, memory = (torch.randn(*count, H, requires_grad=True) for _ in range(2))
    given = (hidden, memory) if name == "LSTMCell" else hidden
    for state in (given, None):
        found, wanted = parts(cell(inputs, state)), parts(theirs(inputs, state))
        leaves = [inputs] if state is None else [inputs, *parts(state)]
        for one, other in zip(found, wanted, strict=True):
            torch.testing.assert_close(one, other)
        ours_d, theirs_d = (
            torch.autograd.grad(results[-1].square().sum(), [*leaves, *module.parameters()])
            for results, module in ((found, cell), (wanted, theirs))
        )
        for one, other in zip(ours_d, theirs_d, strict=True):
            torch.testing.assert_close(one, other)


def test_a_cell_without_bias_has_none_as_in_torch() -> None:
    cell = ours.GRUCell(D, H, bias=False)
    assert cell.bias_ih is None
    assert cell.bias_hh is None


def test_a_cell_is_copied_moved_and_shown() -> None:
    cell = copy.deepcopy(ours.LSTMCell(D, H, bias=False)).to(torch.float64)
    assert cell(torch.zeros(D, dtype=torch.float64))[0].dtype == torch.float64
    assert repr(cell) == "LSTMCell(3, 5, bias=False)"
    assert repr(ours.RNNCell(D, H, nonlinearity="relu")) == "RNNCell(3, 5, nonlinearity='relu')"


def test_shapes_and_names_that_do_not_fit_are_refused() -> None:
    cell = ours.LSTMCell(D, H)
    with pytest.raises(ValueError, match=r"inputs must be \[B, D\] or \[D\], was \[1, 1, 3\]"):
        cell(torch.zeros(1, 1, D))
    with pytest.raises(ValueError, match="inputs must have 3 numbers a step, had 4"):
        cell(torch.zeros(2, D + 1))
    with pytest.raises(ValueError, match="inputs must be torch.float32 like the weights"):
        cell(torch.zeros(2, D, dtype=torch.float64))
    with pytest.raises(ValueError, match=r"lstm: cell must be \[2, 5\], was \[3, 5\]"):
        cell(torch.zeros(2, D), (torch.zeros(2, H), torch.zeros(3, H)))
    with pytest.raises(ValueError, match="lstm: expected 2 parts of the state, got 1"):
        cell(torch.zeros(2, D), (torch.zeros(2, H),))
    with pytest.raises(OptionError, match="unknown nonlinearity 'elu'; known: relu, tanh"):
        ours.RNNCell(D, H, nonlinearity="elu")


def test_weights_behind_a_parametrization_are_found() -> None:
    """`torch.nn.utils.parametrize` takes a parameter out of the module's own."""

    class Doubled(torch.nn.Module):
        def forward(self, weight: torch.Tensor) -> torch.Tensor:
            return 2.0 * weight

    cell, inputs, hidden = ours.GRUCell(3, 5), torch.randn(2, 3), torch.randn(2, 5)
    with torch.no_grad():
        cell.weight_hh.mul_(2.0)
        wanted = cell(inputs, hidden)
        cell.weight_hh.mul_(0.5)
    torch.nn.utils.parametrize.register_parametrization(cell, "weight_hh", Doubled())
    torch.testing.assert_close(cell(inputs, hidden), wanted)
