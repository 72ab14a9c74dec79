"""What a translator says of itself on its model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vartai.tasks.card_facts import CardFacts, Fact, file_names, run_facts
from vartai.tasks.translate.experiment import Report, Splits
from vartai.tasks.translate.results import verdict
from vartai.tasks.translate.task import TranslateTask

USAGE = "vartai translate FOLDER < texts.txt"
WARNING = (
    "It writes fluently what it has seen; what it has not seen it may leave out or replace without "
    "a sign. Have translations that matter read by somebody who knows both languages."
)


def model_facts(task: TranslateTask) -> dict[str, Fact]:
    """What every translator has to say of its training."""
    model = task.config.model
    return {
        "cell": model.cell,
        "attention": model.attention,
        "input feeding": model.input_feeding,
        "shared vocabulary": task.config.text.shared,
        "beam": task.config.writing.beam,
        "parameters": sum(value.numel() for value in task.model.parameters()),
    }


def card_facts(
    report: Report,
    scores: Mapping[str, Any],
    splits: Splits,
    *,
    files: Sequence[str],
    rejected: int,
) -> CardFacts:
    """Of a translator that was trained and judged.

    Args:
        report: the model and its scores.
        scores: the same as `report_as_mapping` gives them.
        splits: the pairs it learned from and was judged by.
        files: where they came from.
        rejected: pairs of those files that could not be used.
    """
    config = report.task.config
    return CardFacts(
        tags=[config.model.cell],
        usage=USAGE,
        data={
            "files": file_names(files),
            "pairs to train on": len(splits.train),
            "pairs to choose the epoch by": len(splits.valid),
            "pairs to judge by": len(splits.test),
            "pairs left out": rejected,
        },
        training={
            **model_facts(report.task),
            **run_facts(config.training, report.outcome, seconds=scores["seconds"]),
        },
        metrics={name: scores["test"][name] for name in ("bleu", "chrf")},
        baselines=scores["baselines"],
        limits=[
            verdict(report),
            f"BLEU is sacreBLEU's: {report.test.scores.bleu_signature}.",
            "Scores hold for texts like those it was judged by, and for no others.",
            WARNING,
        ],
    )
