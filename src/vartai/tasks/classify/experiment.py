"""A classifier trained, scored and set beside honest baselines: the whole of `vartai train`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vartai.data.examples import Examples
from vartai.tasks.classify.baselines import run_baselines
from vartai.tasks.classify.config import ClassifyConfig
from vartai.tasks.classify.evaluation import (
    Evaluation,
    evaluate,
    evaluate_scores,
    with_words_shuffled,
)
from vartai.tasks.classify.fit import fit_classifier
from vartai.tasks.classify.significance import paired_test
from vartai.tasks.classify.task import ClassifyTask, PathScores
from vartai.tasks.experiment import ExampleSplits, train_and_judge
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Splits(ExampleSplits[Examples]):
    """Texts to learn from, to choose by, to be judged by, and to pretrain on without labels."""

    unlabelled: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Row:
    """One line of the closing table.

    Args:
        name: of the model or baseline.
        accuracy: on the test texts.
        macro_f1: on the test texts.
        shuffled_accuracy: on the test texts with the words of each in random order.
        seconds: of training.
        bytes: of its weights.
        correct: ``[texts]``: which test texts it got right.
    """

    name: str
    accuracy: float
    macro_f1: float
    shuffled_accuracy: float
    seconds: float
    bytes: int
    correct: Bools


@dataclass(frozen=True, eq=False)
class Report:
    """What came of it.

    Args:
        task: the classifier, with its n-gram path if it was asked for.
        outcome: how training ended.
        baselines: rows of the baselines.
        models: rows of this classifier: the recurrent path alone, and with the n-grams.
        valid: scores on the validation texts.
        test: scores on the test texts.
        p_value: of the difference to the best baseline, by the exact test of McNemar.
        seconds: from the texts to the scores, baselines left out.
    """

    task: ClassifyTask
    outcome: Outcome
    baselines: list[Row]
    models: list[Row]
    valid: Evaluation
    test: Evaluation
    p_value: float
    seconds: float


def run_experiment(
    config: ClassifyConfig,
    splits: Splits,
    *,
    sitting: Sitting,
    start: ClassifyTask | None = None,
) -> Report | Outcome:
    """Train and score a classifier and its baselines.

    Returns:
        A report, or only the outcome; see `train_and_judge`.
    """
    return train_and_judge(
        lambda: fit_classifier(
            config,
            splits.train,
            splits.valid,
            sitting=sitting,
            start=start,
            unlabelled=splits.unlabelled,
        ),
        lambda task, outcome, seconds: judge(task, outcome, splits, seconds=seconds),
        sitting=sitting,
        note="training the baselines",
    )


def judge(task: ClassifyTask, outcome: Outcome, splits: Splits, *, seconds: float) -> Report:
    """Score a trained classifier and set it beside baselines that are trained now.

    Args:
        task: the classifier.
        outcome: how its training ended.
        splits: the texts it was trained on and is judged by.
        seconds: that it took, from the texts.
    """
    seed = task.config.training.seed
    # Both paths read the test texts once, in order and shuffled, for both rows.
    straight = _Scored(splits.test, task.path_scores(splits.test.texts))
    shuffled = with_words_shuffled(splits.test, seed=seed)
    mixed = _Scored(shuffled, task.path_scores(shuffled.texts))
    judged = [_judge(task.alone(), straight, mixed, outcome.seconds)]
    if task.wide is not None:
        judged.append(_judge(task, straight, mixed, seconds))
    models = [row for row, _ in judged]
    baselines = baseline_rows(splits, seed=seed)
    best = max(baselines, key=lambda row: row.accuracy)
    return Report(
        task=task,
        outcome=outcome,
        baselines=baselines,
        models=models,
        valid=evaluate(task, splits.valid),
        test=judged[-1][1],
        p_value=paired_test(models[-1].correct, best.correct),
        seconds=seconds,
    )


def baseline_rows(splits: Splits, *, seed: int) -> list[Row]:
    """The majority class, and TF-IDF n-grams with logistic regression."""
    scores = run_baselines(
        splits.train.texts,
        splits.train.labels,
        splits.valid.texts,
        splits.valid.labels,
        splits.test.texts,
        splits.test.labels,
        seed=seed,
    )
    return [
        Row(
            name=score.name,
            accuracy=score.accuracy,
            macro_f1=score.macro_f1,
            shuffled_accuracy=score.shuffled_accuracy,
            seconds=score.seconds,
            bytes=score.bytes,
            correct=score.correct,
        )
        for score in scores
    ]


class _Scored(NamedTuple):
    """Texts, and what each path says of them."""

    examples: Examples
    paths: PathScores


def _judge(
    task: ClassifyTask, straight: _Scored, mixed: _Scored, seconds: float
) -> tuple[Row, Evaluation]:
    found, shuffled = (
        evaluate_scores(task, scored.examples, task.blended(scored.paths))
        for scored in (straight, mixed)
    )
    row = Row(
        name=task.config.model.cell + (" + n-grams" if task.wide is not None else ""),
        accuracy=found.accuracy,
        macro_f1=found.macro_f1,
        shuffled_accuracy=shuffled.accuracy,
        seconds=seconds,
        bytes=sum(value.nbytes for value in task.to_parts().tensors.values()),
        correct=found.correct,
    )
    return row, found
