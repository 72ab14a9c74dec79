"""What a classifier says of itself on its model card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from vartai.tasks.card_facts import CardFacts, Fact, file_names, run_facts
from vartai.tasks.classify.experiment import Report, Splits
from vartai.tasks.classify.results import verdict

USAGE = 'vartai predict FOLDER "text"'
_SHOWN = ("accuracy", "macro_f1", "shuffled_accuracy")
_MOST_LABELS = 20


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
    config = report.task.config
    return CardFacts(
        tags=[config.model.cell],
        usage=USAGE,
        data=_data_facts(splits, files, rejected),
        training={
            "cell": config.model.cell,
            "n-gram path": config.model.wide,
            "pretrained": config.pretraining.pretrain,
            "unit": config.text.unit,
            "parameters": int(scores["parameters"]),
            **run_facts(config.training, report.outcome, seconds=scores["seconds"]),
        },
        metrics={name: scores["test"][name] for name in _SHOWN},
        baselines=scores["baselines"],
        limits=[
            verdict(report),
            "Scores hold for texts like those it was judged by, and for no others.",
            "A text of which no token is in the vocabulary still gets a label; it says nothing.",
        ],
    )


def _data_facts(splits: Splits, files: Sequence[str], rejected: int) -> dict[str, Fact]:
    counts = Counter(label for labels in splits.train.labels for label in labels)
    labels = [f"{label} ({times:,})" for label, times in counts.most_common(_MOST_LABELS)]
    more = len(counts) - len(labels)
    return {
        "files": file_names(files),
        "texts to train on": len(splits.train),
        "texts to choose the epoch by": len(splits.valid),
        "texts to judge by": len(splits.test),
        **({"texts without labels": len(splits.unlabelled)} if splits.unlabelled else {}),
        "rows left out": rejected,
        "labels in training": ", ".join(labels) + (f" and {more:,} more" if more else ""),
    }
