"""Parts of a model that begin to learn after each other, at rates of their own."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from tests.training.problem import OddProblem
from tests.training.test_loop import OPTIONS, run

from vartai.errors import OptionError
from vartai.training.adam import Adam
from vartai.training.unfreezing import Unfreezing

PARTS = (("output",), ("encoder",), ("vectors",))


def _weights(problem: OddProblem) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in problem.model.state_dict().items()}


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_each_part_begins_an_epoch_after_the_one_above_it(epochs: int) -> None:
    problem = OddProblem()
    before = _weights(problem)
    options = dataclasses.replace(OPTIONS, epochs=epochs, averaging=0.0)
    run(problem, options, schedule=Unfreezing(PARTS, slower=1.0, gradual=True))
    moved = {
        name.partition(".")[0]
        for name, value in _weights(problem).items()
        if not torch.equal(value, before[name])
    }
    assert moved == {part[0] for part in PARTS[:epochs]}
    assert all(parameter.requires_grad for parameter in problem.model.parameters())


def test_rates_fall_from_the_output_down() -> None:
    problem = OddProblem()
    before = _weights(problem)
    optimiser = Adam(problem.model, weight_decay=0.0, schedule=Unfreezing(PARTS, slower=4.0))
    problem.model.train()
    problem.loss(problem.plan(0)[0]).total.backward()
    optimiser.step(0.01)
    # Adam's first step moves every number that has a gradient by the rate.
    largest: dict[str, float] = {}
    for name, value in _weights(problem).items():
        part = name.partition(".")[0]
        largest[part] = max(largest.get(part, 0.0), float((value - before[name]).abs().max()))
    assert largest == pytest.approx(
        {"output": 0.01, "encoder": 0.0025, "vectors": 0.000625}, rel=0.01
    )


def test_parts_that_should_learn_faster_than_those_above_are_refused() -> None:
    with pytest.raises(OptionError, match="slower must be at least 1, was 0.5"):
        Unfreezing(PARTS, slower=0.5)
