"""What a classifier says of itself on its model card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from vartai.data.examples import Examples
from vartai.tasks.card_facts import CardFacts, Fact, Run, file_names
from vartai.tasks.classify.experiment import Report, Splits
from vartai.tasks.classify.results import verdict
from vartai.tasks.classify.task import ClassifyTask

_MOST_LABELS = 20
_WARNING = "A text of which no token is in the vocabulary still gets a label; it says nothing."
UNJUDGED = (
    "The scores are those of the texts that chose the epoch, so they flatter a little: judge by "
    "texts that training never saw.",
    "It was trained without a baseline beside it; TF-IDF n-grams with logistic regression are one.",
    _WARNING,
)
"""Limits of a classifier that was trained and no more."""


def describe(run: Run[ClassifyTask]) -> CardFacts:
    """The card of any classifier."""
    config = run.task.config
    return run.card(
        tags=[config.model.cell],
        usage='vartai predict FOLDER "text"',
        model={
            "cell": config.model.cell,
            "n-gram path": config.model.wide,
            "pretrained": config.pretraining.pretrain,
            "unit": config.text.unit,
        },
        shown=("accuracy", "macro_f1", "shuffled_accuracy"),
    )


def sizes(train: Examples, valid: Examples) -> dict[str, Fact]:
    """How much there was to train on and to choose by."""
    return {"texts to train on": len(train), "texts to choose the epoch by": len(valid)}


def first_of(labels: Sequence[str]) -> str:
    """The first labels, and how many more there are."""
    more = len(labels) - _MOST_LABELS
    return ", ".join(labels[:_MOST_LABELS]) + (f" and {more:,} more" if more > 0 else "")


def card_facts(
    report: Report,
    scores: Mapping[str, Any],
    splits: Splits,
    *,
    files: Sequence[str],
    rejected: int,
) -> CardFacts:
    """Of a classifier that was trained and judged.

    Args:
        report: the model and its scores.
        scores: the same as `report_as_mapping` gives them.
        splits: the texts it learned from and was judged by.
        files: where they came from.
        rejected: rows of those files that could not be used.
    """
    counts = Counter(label for labels in splits.train.labels for label in labels)
    named = [f"{label} ({times:,})" for label, times in counts.most_common()]
    data: dict[str, Fact] = {
        "files": file_names(files),
        **sizes(splits.train, splits.valid),
        "texts to judge by": len(splits.test),
        **({"texts without labels": len(splits.unlabelled)} if splits.unlabelled else {}),
        "rows left out": rejected,
        "labels in training": first_of(named),
    }
    limits = (
        verdict(report),
        "Scores hold for texts like those it was judged by, and for no others.",
        _WARNING,
    )
    return describe(Run(report.task, report.outcome, scores, data, limits))
