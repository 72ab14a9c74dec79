"""What a tagger says of itself on its model card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from vartai.tasks.card_facts import CardFacts, Fact, file_names, run_facts
from vartai.tasks.tag.config import TagConfig
from vartai.tasks.tag.experiment import TagReport, TagSplits
from vartai.tasks.tag.results import verdict

USAGE = "vartai predict FOLDER --input FILE"
_SHOWN = ("accuracy", "f1", "unseen_accuracy", "feature_accuracy")
_MOST_TAGS = 20


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
    config = report.task.config
    shown = [name for name in _SHOWN if name in scores["test"]]
    return CardFacts(
        tags=[config.model.cell],
        usage=USAGE,
        data=_data_facts(config, splits, files, rejected),
        training={
            **model_facts(config, report.task.scheme),
            "parameters": int(scores["parameters"]),
            **run_facts(config.training, report.outcome, seconds=scores["seconds"]),
        },
        metrics={name: scores["test"][name] for name in shown},
        baselines=scores["baselines"],
        limits=[
            verdict(report),
            "Scores hold for sentences like those it was judged by, and for no others.",
            "Words must come cut as in training: another way of cutting them is another language.",
        ],
    )


def model_facts(config: TagConfig, scheme: str) -> dict[str, Fact]:
    """What the model is, briefly."""
    return {
        "cell": config.model.cell,
        "directions": 2 if config.model.bidirectional else 1,
        "conditional random field": config.model.crf,
        "scheme of the tags": scheme,
        "pretrained": config.pretraining.pretrain,
    }


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
        "sentences to train on": len(splits.train),
        "sentences to choose the epoch by": len(splits.valid),
        "sentences to judge by": len(splits.test),
        "words to train on": splits.train.words,
        **({} if splits.unlabelled is None else {"without tags": len(splits.unlabelled)}),
        "sentences left out": rejected,
        "tags in training": ", ".join(tags) + (f" and {more:,} more" if more else ""),
    }
