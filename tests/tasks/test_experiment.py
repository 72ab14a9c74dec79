"""What the experiments of all tasks have in common, on a task that is not there."""

from __future__ import annotations

from typing import Any

import pytest

from vartai.tasks.experiment import score_baselines, train_and_judge
from vartai.training.loop import Outcome
from vartai.training.processes import Processes
from vartai.training.sitting import Sitting

TASK: Any = object()


def outcome(reason: str) -> Outcome:
    return Outcome(reason, seconds=1.0, best_epoch=1, history=[])


def test_what_was_trained_is_judged_after_a_word_about_it() -> None:
    said: list[str] = []
    ended = outcome("epochs")
    came = train_and_judge(
        lambda: (TASK, ended),
        lambda task, how, seconds: (task, how, seconds >= 0, tuple(said)),
        sitting=Sitting(note=said.append),
        note="judging",
    )
    assert came == (TASK, ended, True, ("judging",))


@pytest.mark.parametrize(("reason", "rank"), [("interrupted", 0), ("epochs", 1)])
def test_an_interrupted_training_is_not_judged_and_one_process_is_enough_to_judge(
    reason: str, rank: int
) -> None:
    ended = outcome(reason)

    def judge(task: Any, how: Outcome, seconds: float) -> None:
        raise AssertionError

    sitting = Sitting(processes=Processes(rank=rank, world=2))
    came = train_and_judge(lambda: (TASK, ended), judge, sitting=sitting, note="judging")
    assert came is ended


def test_baselines_are_scored_by_what_they_wrote() -> None:
    scores = score_baselines({"short": lambda: ["a"], "long": lambda: ["a", "b"]}, len)
    assert [(each.name, each.scores) for each in scores] == [("short", 1), ("long", 2)]
    assert all(each.seconds >= 0 for each in scores)
