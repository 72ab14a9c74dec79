"""Layers exported with `torch.export`: the program runs on batches of other sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tests.nn.graphs import OPERATORS, build, flat
from torch import Tensor, nn
from torch.export import Dim

from vartai import nn as ours


class Ragged(nn.Module):
    """A model that is given lengths by position, as programs are called."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, inputs: Tensor, lengths: Tensor) -> Any:
        return self.layer(inputs, lengths=lengths)


@pytest.mark.parametrize("strict", [False, True], ids=["traced", "dynamo"])
@pytest.mark.parametrize("name", ["LSTM", "GRU", "MinLSTM"])
def test_a_program_runs_on_any_number_of_steps_and_sequences(name: str, strict: bool) -> None:
    model = Ragged(build(name))
    steps, count = Dim("steps", min=2, max=512), Dim("count", min=2, max=512)
    shapes = {"inputs": {0: steps, 1: count}, "lengths": {0: count}}
    example = (torch.randn(7, 4, 3), torch.tensor([7, 0, 2, 3]))
    with torch.no_grad():
        program = torch.export.export(model, example, dynamic_shapes=shapes, strict=strict)
        named = [str(node.target) for node in program.graph.nodes]
        assert f"vartai.{OPERATORS[name][2]}.default" in named
        for steps_now, count_now in [(7, 4), (31, 9), (2, 2)]:
            inputs = torch.randn(steps_now, count_now, 3)
            lengths = torch.randint(0, steps_now + 1, (count_now,))
            found, wanted = program.module()(inputs, lengths), model(inputs, lengths)
            for one, other in zip(flat(found), flat(wanted), strict=True):
                torch.testing.assert_close(one, other)


def test_a_program_without_lengths_is_saved_and_loaded(tmp_path: Path) -> None:
    layer = build("LSTM")
    shapes = {"inputs": {0: Dim("steps", min=2, max=512)}}
    program = torch.export.export(layer, (torch.randn(7, 4, 3),), dynamic_shapes=shapes)
    torch.export.save(program, tmp_path / "layer.pt2")
    again = torch.export.load(tmp_path / "layer.pt2").module()
    inputs = torch.randn(20, 4, 3)
    for one, other in zip(flat(again(inputs)), flat(layer(inputs)), strict=True):
        torch.testing.assert_close(one, other)


def test_a_program_exported_with_gradients_can_be_trained() -> None:
    layer = build("GRU")
    program = torch.export.export(layer, (torch.randn(7, 4, 3),)).module()
    inputs = torch.randn(7, 4, 3)
    program(inputs)[0].square().sum().backward()
    layer(inputs)[0].square().sum().backward()
    found, wanted = dict(program.named_parameters()), dict(layer.named_parameters())
    for name, parameter in wanted.items():
        torch.testing.assert_close(found[name].grad, parameter.grad)


def test_a_program_exported_without_gradients_says_that_it_cannot_be_trained() -> None:
    with torch.no_grad():
        program = torch.export.export(build("GRU"), (torch.randn(7, 4, 3),)).module()
    with pytest.raises(ValueError, match="gru: this graph was made where no gradients were wanted"):
        program(torch.randn(7, 4, 3))[0].sum().backward()


def test_a_form_that_runs_step_by_step_leaves_the_number_of_sequences_open() -> None:
    layer = ours.LSTM(3, 5, peepholes=True)
    shapes = {"inputs": {1: Dim("count", min=2, max=512)}}
    program = torch.export.export(layer, (torch.randn(4, 2, 3),), dynamic_shapes=shapes)
    inputs = torch.randn(4, 6, 3)
    torch.testing.assert_close(program.module()(inputs)[0], layer(inputs)[0])


@pytest.mark.parametrize("kind", [ours.RNNCell, ours.LSTMCell, ours.GRUCell])
def test_cells_are_exported(kind: type[nn.Module]) -> None:
    cell, inputs = kind(3, 5), torch.randn(2, 3)
    found, wanted = torch.export.export(cell, (inputs,)).module()(inputs), cell(inputs)
    for one, other in zip(
        *[r if isinstance(r, tuple) else (r,) for r in (found, wanted)], strict=True
    ):
        torch.testing.assert_close(one, other)
