"""What experiments have in common, whatever the task: train, then judge beside honest baselines."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from vartai.tasks.parts import Task
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting

Examples = TypeVar("Examples")
OfTask = TypeVar("OfTask", bound=Task)
Row = TypeVar("Row")
Scores = TypeVar("Scores")
Written = TypeVar("Written")
Came = TypeVar("Came")


@dataclass(frozen=True)
class ExampleSplits(Generic[Examples]):
    """Examples to learn from, to choose by, and to be judged by."""

    train: Examples
    valid: Examples
    test: Examples


@dataclass(frozen=True, eq=False)
class TaskReport(Generic[OfTask, Row, Scores]):
    """What came of an experiment.

    Args:
        task: what was trained.
        outcome: how that ended.
        baselines: what simpler methods came to on the test part.
        valid: how good the model is on the validation part.
        seconds: from the examples to the weights, baselines left out; with an interruption, those
            of training before it too.
    """

    task: OfTask
    outcome: Outcome
    baselines: list[Row]
    valid: Scores
    seconds: float


def train_and_judge(
    fit: Callable[[], tuple[OfTask, Outcome]],
    judge: Callable[[OfTask, Outcome, float], Came],
    *,
    sitting: Sitting,
    note: str,
) -> Came | Outcome:
    """Train, and judge what was trained.

    Args:
        fit: trains.
        judge: scores a task beside its baselines; it is told how training ended, and its seconds.
        sitting: what surrounds the run.
        note: what is said before it is judged.

    Returns:
        The judgement; or only the outcome if training was interrupted, and also in every process
        but the first, which has the others' work in hand.
    """
    began = time.perf_counter()
    task, outcome = fit()
    if outcome.reason == "interrupted" or not sitting.processes.first:
        return outcome
    seconds = outcome.earlier_seconds + time.perf_counter() - began
    sitting.note(note)
    return judge(task, outcome, seconds)


@dataclass(frozen=True)
class BaselineScore(Generic[Scores]):
    """What a baseline came to on the test part.

    Args:
        name: of the baseline.
        scores: of what it wrote.
        seconds: to learn and to write.
    """

    name: str
    scores: Scores
    seconds: float


def score_baselines(
    baselines: Mapping[str, Callable[[], Written]], score: Callable[[Written], Scores]
) -> list[BaselineScore[Scores]]:
    """Score baselines.

    Args:
        baselines: name → learns, and writes for the test part.
        score: of what was written.
    """
    found = []
    for name, write in baselines.items():
        began = time.perf_counter()
        written = write()
        seconds = time.perf_counter() - began
        found.append(BaselineScore(name, score(written), seconds))
    return found
