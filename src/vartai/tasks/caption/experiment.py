"""A captioner trained, scored and set beside honest baselines: the whole of a training run."""

from __future__ import annotations

import time
from dataclasses import dataclass

from vartai.data.captions import CaptionedPictures
from vartai.tasks.caption.baselines import BaselineScore, run_baselines
from vartai.tasks.caption.config import CaptionConfig
from vartai.tasks.caption.evaluation import Evaluation, evaluate
from vartai.tasks.caption.fit import fit_captioner
from vartai.tasks.caption.task import CaptionTask
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting


@dataclass(frozen=True)
class Splits:
    """Pictures to learn from, to choose by, and to be judged by."""

    train: CaptionedPictures
    valid: CaptionedPictures
    test: CaptionedPictures


@dataclass(frozen=True, eq=False)
class Report:
    """What came of it.

    Args:
        task: the captioner.
        outcome: how training ended.
        baselines: scores of simpler methods on the test pictures.
        valid: how good it is on the validation pictures.
        test: how good it is on the test pictures.
        seconds: from the pictures to the weights, baselines left out.
    """

    task: CaptionTask
    outcome: Outcome
    baselines: list[BaselineScore]
    valid: Evaluation
    test: Evaluation
    seconds: float


def run_experiment(
    config: CaptionConfig,
    splits: Splits,
    *,
    sitting: Sitting,
    start: CaptionTask | None = None,
) -> Report | Outcome:
    """Train and score a captioner and its baselines.

    Returns:
        A report; or only the outcome if training was interrupted, and also in every process but
        the first, which has the others' work in hand.
    """
    began = time.perf_counter()
    task, outcome = fit_captioner(config, splits.train, splits.valid, sitting=sitting, start=start)
    if outcome.reason == "interrupted" or not sitting.processes.first:
        return outcome
    seconds = time.perf_counter() - began
    sitting.note("captioning the test pictures, and learning the baselines")
    return Report(
        task=task,
        outcome=outcome,
        baselines=run_baselines(splits.train, splits.test),
        valid=evaluate(task, splits.valid),
        test=evaluate(task, splits.test),
        seconds=seconds,
    )
