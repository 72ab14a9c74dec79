"""A tagger trained, scored and set beside honest baselines: the whole of `vartai train tag`."""

from __future__ import annotations

import time
from dataclasses import dataclass

from vartai.data.tagged.sentences import Sentences
from vartai.tasks.tag.baselines import run_baselines
from vartai.tasks.tag.config import TagConfig
from vartai.tasks.tag.evaluation import TagEvaluation, evaluate, evaluate_tags, is_feature
from vartai.tasks.tag.fit import fit_tagger
from vartai.tasks.tag.significance import paired_bootstrap
from vartai.tasks.tag.task import TagTask
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting


@dataclass(frozen=True)
class TagSplits:
    """Sentences to learn from, to choose by, to be judged by, and to pretrain on without tags."""

    train: Sentences
    valid: Sentences
    test: Sentences
    unlabelled: Sentences | None = None


@dataclass(frozen=True, eq=False)
class TagRow:
    """One line of the closing table.

    Args:
        name: of the model or baseline.
        found: its scores on the test sentences.
        seconds: of training.
        bytes: of its weights.
    """

    name: str
    found: TagEvaluation
    seconds: float
    bytes: int


@dataclass(frozen=True, eq=False)
class TagReport:
    """What came of it.

    Args:
        task: the tagger.
        outcome: how training ended.
        baselines: rows of the baselines.
        model: row of the tagger.
        valid: its scores on the validation sentences.
        p_value: of the difference to the best baseline, by drawing sentences anew.
        seconds: from the sentences to the model, baselines left out.
    """

    task: TagTask
    outcome: Outcome
    baselines: list[TagRow]
    model: TagRow
    valid: TagEvaluation
    p_value: float
    seconds: float


def run_experiment(
    config: TagConfig, splits: TagSplits, *, sitting: Sitting, start: TagTask | None = None
) -> TagReport | Outcome:
    """Train and score a tagger and its baselines.

    Returns:
        A report; or only the outcome if training was interrupted, and also in every process but
        the first, which has the others' work in hand.
    """
    began = time.perf_counter()
    task, outcome = fit_tagger(
        config,
        splits.train,
        splits.valid,
        sitting=sitting,
        start=start,
        unlabelled=splits.unlabelled,
    )
    if outcome.reason == "interrupted" or not sitting.processes.first:
        return outcome
    seconds = time.perf_counter() - began
    sitting.note("training the baselines")
    return judge(task, outcome, splits, seconds=seconds)


def judge(task: TagTask, outcome: Outcome, splits: TagSplits, *, seconds: float) -> TagReport:
    """Score a trained tagger and set it beside baselines that are trained now.

    Args:
        task: the tagger.
        outcome: how its training ended.
        splits: the sentences it was trained on and is judged by.
        seconds: that it took, from the sentences.
    """
    seed = task.config.training.seed
    model = TagRow(
        name=task.config.model.cell + (" + crf" if task.config.model.crf else ""),
        found=evaluate(task, splits.test),
        seconds=outcome.seconds,
        bytes=sum(value.nbytes for value in task.to_parts().tensors.values()),
    )
    baselines = baseline_rows(task, splits)
    best = max(baselines, key=lambda row: row.found.chosen_by.value)
    return TagReport(
        task=task,
        outcome=outcome,
        baselines=baselines,
        model=model,
        valid=evaluate(task, splits.valid),
        p_value=paired_bootstrap(model.found.chosen_by, best.found.chosen_by, seed=seed),
        seconds=seconds,
    )


def baseline_rows(task: TagTask, splits: TagSplits) -> list[TagRow]:
    """The baselines, scored as the tagger is."""
    made = run_baselines(splits.train.rows, splits.test.rows, seed=task.config.training.seed)
    return [
        TagRow(
            name=baseline.name,
            found=evaluate_tags(
                splits.test.rows,
                baseline.chosen,
                scheme=task.scheme,
                has_seen=task.vocabulary.has_seen,
                is_feature=is_feature(task),
            ),
            seconds=baseline.seconds,
            bytes=baseline.bytes,
        )
        for baseline in made
    ]
