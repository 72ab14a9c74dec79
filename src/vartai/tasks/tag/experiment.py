"""A tagger trained, scored and set beside honest baselines: the whole of `vartai train tag`."""

from __future__ import annotations

from dataclasses import dataclass

from vartai.data.tagged.sentences import Sentences
from vartai.tasks.experiment import ExampleSplits, TaskReport, train_and_judge
from vartai.tasks.tag.baselines import run_baselines
from vartai.tasks.tag.config import TagConfig
from vartai.tasks.tag.evaluation import TagEvaluation, evaluate, evaluate_tags, is_feature
from vartai.tasks.tag.fit import fit_tagger
from vartai.tasks.tag.significance import paired_bootstrap
from vartai.tasks.tag.task import TagTask
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting


@dataclass(frozen=True)
class TagSplits(ExampleSplits[Sentences]):
    """Sentences to learn from, to choose by, to be judged by, and to pretrain on without tags."""

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
class TagReport(TaskReport[TagTask, TagRow, TagEvaluation]):
    """What came of it: a row for the tagger, and whether it differs from the best baseline.

    Args:
        model: row of the tagger.
        p_value: of the difference to the best baseline, by drawing sentences anew.
    """

    model: TagRow
    p_value: float


def run_experiment(
    config: TagConfig, splits: TagSplits, *, sitting: Sitting, start: TagTask | None = None
) -> TagReport | Outcome:
    """Train and score a tagger and its baselines.

    Returns:
        A report, or only the outcome; see `train_and_judge`.
    """
    return train_and_judge(
        lambda: fit_tagger(
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
