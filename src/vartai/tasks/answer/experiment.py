"""A model trained, scored and set beside honest baselines: the whole of `vartai train answer`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from vartai.data.questions.question import SPAN
from vartai.tasks.answer.config import AnswerConfig
from vartai.tasks.answer.evaluation import Judged, answer_all, judge_answers
from vartai.tasks.answer.fit import Splits, fit_answerer
from vartai.tasks.answer.span_baselines import majority_answers, overlap_answers
from vartai.tasks.answer.task import AnswerTask
from vartai.tasks.answer.word_baselines import last_mentioned, majority_words, ngram_words
from vartai.tasks.experiment import TaskReport, train_and_judge
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting

Answers = Sequence[str | None]


@dataclass(frozen=True, eq=False)
class Row:
    """One line of the closing table.

    Args:
        name: of the model or baseline.
        judged: its answers to the test questions.
        seconds: of training.
        bytes: of its weights; None where nobody counts them.
    """

    name: str
    judged: Judged
    seconds: float
    bytes: int | None


@dataclass(frozen=True, eq=False)
class Report(TaskReport[AnswerTask, Row, Judged]):
    """What came of it: a row for the model, and whether it differs from the best baseline.

    Args:
        model: row of the model.
        p_value: of the difference in exactly right answers to the best baseline, by the exact test
            of McNemar.
    """

    model: Row
    p_value: float

    @property
    def best_baseline(self) -> Row:
        """The one that is hardest to beat."""
        return max(self.baselines, key=lambda row: row.judged.value)


def run_experiment(
    config: AnswerConfig, splits: Splits, *, sitting: Sitting, start: AnswerTask | None = None
) -> Report | Outcome:
    """Train and score a model and its baselines.

    Returns:
        A report, or only the outcome; see `train_and_judge`.
    """
    return train_and_judge(
        lambda: fit_answerer(config, splits.train, splits.valid, sitting=sitting, start=start),
        lambda task, outcome, seconds: judge(task, outcome, splits, seconds=seconds),
        sitting=sitting,
        note="training the baselines",
    )


def judge(task: AnswerTask, outcome: Outcome, splits: Splits, *, seconds: float) -> Report:
    """Score a trained model and set it beside baselines that are trained now.

    Args:
        task: the model.
        outcome: how its training ended.
        splits: the questions it was trained on and is judged by.
        seconds: that it took, from the questions.
    """
    given = [reply.text for reply in answer_all(task, splits.test)]
    model = Row(
        name=_name(task),
        judged=judge_answers(given, splits.test),
        seconds=seconds,
        bytes=sum(value.nbytes for value in task.to_parts().tensors.values()),
    )
    baselines = baseline_rows(splits)
    best = max(baselines, key=lambda row: row.judged.value)
    valid = [reply.text for reply in answer_all(task, splits.valid)]
    return Report(
        task=task,
        outcome=outcome,
        baselines=baselines,
        model=model,
        valid=judge_answers(valid, splits.valid),
        p_value=_paired_p(model.judged, best.judged),
        seconds=seconds,
    )


def baseline_rows(splits: Splits) -> list[Row]:
    """The baselines of the kind, trained and judged."""
    if splits.train.kind == SPAN:
        return [
            _row("majority", splits, lambda: majority_answers(splits.train, splits.test)),
            _row("word_overlap", splits, lambda: overlap_answers(splits.train, splits.test)),
        ]
    return [
        _row("majority", splits, lambda: majority_words(splits.train, splits.test)),
        _row("last_mentioned", splits, lambda: last_mentioned(splits.train, splits.test)),
        _row(
            "ngrams_lr",
            splits,
            lambda: ngram_words(splits.train, splits.valid, splits.test)[0],
        ),
    ]


def _row(name: str, splits: Splits, answer: Callable[[], Answers]) -> Row:
    began = time.perf_counter()
    given = answer()
    seconds = time.perf_counter() - began
    return Row(name, judge_answers(given, splits.test), seconds, None)


def _name(task: AnswerTask) -> str:
    cell = task.config.model.cell
    if task.kind == SPAN:
        return f"{cell} reader"
    return f"{cell}, {task.config.model.hops} hops"


def _paired_p(one: Judged, other: Judged) -> float:
    """Only the questions that one gets exactly right and the other does not count."""
    first = int(np.sum((one.exact == 1) & (other.exact < 1)))
    second = int(np.sum((other.exact == 1) & (one.exact < 1)))
    if first + second == 0:
        return 1.0
    return float(binomtest(first, first + second).pvalue)
