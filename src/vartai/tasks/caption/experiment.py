"""A captioner trained, scored and set beside honest baselines: the whole of a training run."""

from __future__ import annotations

from dataclasses import dataclass

from vartai.data.captions import CaptionedPictures
from vartai.tasks.caption.baselines import run_baselines
from vartai.tasks.caption.config import CaptionConfig
from vartai.tasks.caption.evaluation import Evaluation, evaluate
from vartai.tasks.caption.fit import fit_captioner
from vartai.tasks.caption.scores import CaptionScores
from vartai.tasks.caption.task import CaptionTask
from vartai.tasks.experiment import BaselineScore, ExampleSplits, TaskReport, train_and_judge
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting

Splits = ExampleSplits[CaptionedPictures]
"""Pictures to learn from, to choose by, and to be judged by."""


@dataclass(frozen=True, eq=False)
class Report(TaskReport[CaptionTask, BaselineScore[CaptionScores], Evaluation]):
    """What came of it: scores on the test pictures too.

    Args:
        test: how good it is on the test pictures.
    """

    test: Evaluation


def run_experiment(
    config: CaptionConfig,
    splits: Splits,
    *,
    sitting: Sitting,
    start: CaptionTask | None = None,
) -> Report | Outcome:
    """Train and score a captioner and its baselines.

    Returns:
        A report, or only the outcome; see `train_and_judge`.
    """
    return train_and_judge(
        lambda: fit_captioner(config, splits.train, splits.valid, sitting=sitting, start=start),
        lambda task, outcome, seconds: Report(
            task=task,
            outcome=outcome,
            baselines=run_baselines(splits.train, splits.test),
            valid=evaluate(task, splits.valid),
            test=evaluate(task, splits.test),
            seconds=seconds,
        ),
        sitting=sitting,
        note="captioning the test pictures, and learning the baselines",
    )
