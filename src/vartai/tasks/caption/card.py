"""What a captioner says of itself on its model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vartai.tasks.caption.examples import count_captions
from vartai.tasks.caption.experiment import Report, Splits
from vartai.tasks.caption.results import verdict
from vartai.tasks.caption.task import CaptionTask
from vartai.tasks.card_facts import CardFacts, Fact, file_names, run_facts

USAGE = "vartai caption FOLDER picture.jpg"
WARNING = (
    "It describes whatever it is shown in the words of its training captions, without a sign where "
    "it guesses; where it looked is no proof of what it saw."
)
METRICS = ("bleu_1", "bleu_2", "bleu_3", "bleu_4", "chrf")


def model_facts(task: CaptionTask) -> dict[str, Fact]:
    """What every captioner has to say of its training."""
    return {
        "attention": task.config.model.attention,
        "encoder": task.config.pictures.pretrained or task.config.model.encoder,
        "pictures": str(task.facts()["pictures"]),
        "words": task.words.size,
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
    """Of a captioner that was trained and judged.

    Args:
        report: the model and its scores.
        scores: the same as `report_as_mapping` gives them.
        splits: the pictures it learned from and was judged by.
        files: where they came from.
        rejected: rows of those files that could not be used.
    """
    config = report.task.config
    return CardFacts(
        tags=["lstm", f"{config.model.attention} attention"],
        usage=USAGE,
        data={
            "files": file_names(files),
            "pictures to train on": len(splits.train),
            "captions to train on": count_captions(splits.train),
            "pictures to choose the epoch by": len(splits.valid),
            "pictures to judge by": len(splits.test),
            "rows left out": rejected,
        },
        training={
            **model_facts(report.task),
            **run_facts(config.training, report.outcome, seconds=scores["seconds"]),
        },
        metrics={name: scores["test"][name] for name in METRICS},
        baselines={
            name: {metric: own[metric] for metric in METRICS}
            for name, own in scores["baselines"].items()
        },
        limits=[
            verdict(report),
            f"BLEU is sacreBLEU's: {report.test.scores.bleu_signature}.",
            "Scores hold for pictures like those it was judged by, and for no others.",
            WARNING,
        ],
    )
