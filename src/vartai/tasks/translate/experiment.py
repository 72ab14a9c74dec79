"""A translator trained, scored and set beside honest baselines: the whole of a training run."""

from __future__ import annotations

import time
from dataclasses import dataclass

from vartai.data.parallel import Parallel
from vartai.tasks.translate.baselines import BaselineScore, run_baselines
from vartai.tasks.translate.config import TranslateConfig
from vartai.tasks.translate.evaluation import Evaluation, evaluate
from vartai.tasks.translate.fit import fit_translator
from vartai.tasks.translate.task import TranslateTask
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting


@dataclass(frozen=True)
class Splits:
    """Pairs to learn from, to choose by, and to be judged by."""

    train: Parallel
    valid: Parallel
    test: Parallel


@dataclass(frozen=True, eq=False)
class Report:
    """What came of it.

    Args:
        task: the translator.
        outcome: how training ended.
        baselines: scores of simpler methods on the test pairs.
        valid: how good it is on the validation pairs.
        test: how good it is on the test pairs.
        seconds: from the pairs to the weights, baselines left out.
    """

    task: TranslateTask
    outcome: Outcome
    baselines: list[BaselineScore]
    valid: Evaluation
    test: Evaluation
    seconds: float


def run_experiment(
    config: TranslateConfig,
    splits: Splits,
    *,
    sitting: Sitting,
    start: TranslateTask | None = None,
) -> Report | Outcome:
    """Train and score a translator and its baselines.

    Returns:
        A report; or only the outcome if training was interrupted, and also in every process but
        the first, which has the others' work in hand.
    """
    began = time.perf_counter()
    task, outcome = fit_translator(config, splits.train, splits.valid, sitting=sitting, start=start)
    if outcome.reason == "interrupted" or not sitting.processes.first:
        return outcome
    seconds = time.perf_counter() - began
    sitting.note("translating the test pairs, and learning the baselines")
    return Report(
        task=task,
        outcome=outcome,
        baselines=run_baselines(splits.train, splits.test),
        valid=evaluate(task, splits.valid),
        test=evaluate(task, splits.test),
        seconds=seconds,
    )
