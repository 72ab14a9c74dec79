"""What every estimator does alike, on examples that are plain numbers."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from vartai.errors import InputError
from vartai.estimators.trained import hold_out, learn
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting, ignore

TASK: Any = object()


def held(valid: object) -> tuple[list[object], list[object]]:
    return hold_out(
        [1, 2, 3],
        valid,
        split=lambda found: [found[:2], found[2:]],
        read=lambda left, right, names: [left, right, *names],
        both="a pair of numbers",
    )


def test_a_part_is_split_off_where_nothing_is_given_to_choose_by() -> None:
    assert held(None) == ([1, 2], [3])


def test_what_is_given_to_choose_by_is_read_under_its_name() -> None:
    assert held((7, 8)) == ([1, 2, 3], [7, 8, "valid[0]", "valid[1]"])


@pytest.mark.parametrize("wrong", ["ab", 3, (1, 2, 3)])
def test_anything_but_two_values_is_refused(wrong: object) -> None:
    with pytest.raises(InputError, match="valid: expected a pair of numbers, found"):
        held(wrong)


def fit(reason: str) -> Any:
    def run(sitting: Sitting) -> tuple[Any, Outcome]:
        torch.rand(3)
        sitting.note("seen")
        return TASK, Outcome(reason, seconds=1.0, best_epoch=1, history=[])

    return run


def test_learning_leaves_the_random_numbers_of_the_program_alone() -> None:
    notes: list[str] = []
    before = torch.get_rng_state()
    task, outcome = learn(fit("epochs"), ignore, notes)
    assert (task, outcome.reason, notes) == (TASK, "epochs", ["seen"])
    assert torch.equal(torch.get_rng_state(), before)


def test_an_interrupted_learning_is_an_interruption() -> None:
    with pytest.raises(KeyboardInterrupt):
        learn(fit("interrupted"), ignore, [])
