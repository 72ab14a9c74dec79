"""What a tagger says of itself on its model card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from vartai.data.tagged.sentences import Sentences
from vartai.tasks.card_facts import CardFacts, Fact, Run, file_names
from vartai.tasks.tag.config import TagConfig
from vartai.tasks.tag.experiment import TagReport, TagSplits
from vartai.tasks.tag.results import verdict
from vartai.tasks.tag.task import TagTask

_MOST_TAGS = 20
_WARNING = "Words must come cut as in training: another way of cutting them is another language."
UNJUDGED = (
    "The scores are those of the sentences that chose the epoch, so they flatter a little: judge "
    "by sentences that training never saw.",
    "It was trained without a baseline beside it.",
    _WARNING,
)
"""Limits of a tagger that was trained and no more."""


def describe(run: Run[TagTask]) -> CardFacts:
    """The card of any tagger."""
    config = run.task.config
    return run.card(
        tags=[config.model.cell],
        usage="vartai predict FOLDER --input FILE",
        model={
            "cell": config.model.cell,
            "directions": 2 if config.model.bidirectional else 1,
            "conditional random field": config.model.crf,
            "scheme of the tags": run.task.scheme,
            "pretrained": config.pretraining.pretrain,
        },
        shown=("accuracy", "f1", "unseen_accuracy", "feature_accuracy"),
    )


def sizes(train: Sentences, valid: Sentences) -> dict[str, Fact]:
    """How much there was to train on and to choose by."""
    return {"sentences to train on": len(train), "sentences to choose the epoch by": len(valid)}


def card_facts(
    report: TagReport,
    scores: Mapping[str, Any],
    splits: TagSplits,
    *,
    files: Sequence[str],
    rejected: int,
) -> CardFacts:
    """Of a tagger that was trained and judged.

    Args:
        report: the model and its scores.
        scores: the same as `report_as_mapping` gives them.
        splits: the sentences it learned from and was judged by.
        files: where they came from.
        rejected: sentences of those files that could not be used.
    """
    data = _data_facts(report.task.config, splits, files, rejected)
    limits = (
        verdict(report),
        "Scores hold for sentences like those it was judged by, and for no others.",
        _WARNING,
    )
    return describe(Run(report.task, report.outcome, scores, data, limits))


def _data_facts(
    config: TagConfig, splits: TagSplits, files: Sequence[str], rejected: int
) -> dict[str, Fact]:
    counts = Counter(tag for row in splits.train.rows for tag in row.tags)
    tags = [f"{tag} ({times:,})" for tag, times in counts.most_common(_MOST_TAGS)]
    more = len(counts) - len(tags)
    return {
        "files": file_names(files),
        "column of the tags": config.reading.column or "tags",
        "input columns": ", ".join(config.reading.input_column) or "none",
        **sizes(splits.train, splits.valid),
        "sentences to judge by": len(splits.test),
        "words to train on": splits.train.words,
        **({} if splits.unlabelled is None else {"without tags": len(splits.unlabelled)}),
        "sentences left out": rejected,
        "tags in training": ", ".join(tags) + (f" and {more:,} more" if more else ""),
    }
