"""A translator trained, scored and set beside honest baselines: the whole of a training run."""

from __future__ import annotations

from dataclasses import dataclass

from vartai.data.parallel import Parallel
from vartai.tasks.experiment import BaselineScore, ExampleSplits, TaskReport, train_and_judge
from vartai.tasks.translate.baselines import run_baselines
from vartai.tasks.translate.config import TranslateConfig
from vartai.tasks.translate.evaluation import Evaluation, evaluate
from vartai.tasks.translate.fit import fit_translator
from vartai.tasks.translate.scores import TranslationScores
from vartai.tasks.translate.task import TranslateTask
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting

Splits = ExampleSplits[Parallel]
"""Pairs to learn from, to choose by, and to be judged by."""


@dataclass(frozen=True, eq=False)
class Report(TaskReport[TranslateTask, BaselineScore[TranslationScores], Evaluation]):
    """What came of it: scores on the test pairs too.

    Args:
        test: how good it is on the test pairs.
    """

    test: Evaluation


def run_experiment(
    config: TranslateConfig,
    splits: Splits,
    *,
    sitting: Sitting,
    start: TranslateTask | None = None,
) -> Report | Outcome:
    """Train and score a translator and its baselines.

    Returns:
        A report, or only the outcome; see `train_and_judge`.
    """
    return train_and_judge(
        lambda: fit_translator(config, splits.train, splits.valid, sitting=sitting, start=start),
        lambda task, outcome, seconds: Report(
            task=task,
            outcome=outcome,
            baselines=run_baselines(splits.train, splits.test),
            valid=evaluate(task, splits.valid),
            test=evaluate(task, splits.test),
            seconds=seconds,
        ),
        sitting=sitting,
        note="translating the test pairs, and learning the baselines",
    )
