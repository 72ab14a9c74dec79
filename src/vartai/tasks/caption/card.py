"""What a captioner says of itself on its model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vartai.data.captions import CaptionedPictures
from vartai.tasks.caption.examples import count_captions
from vartai.tasks.caption.experiment import Report, Splits
from vartai.tasks.caption.results import verdict
from vartai.tasks.caption.task import CaptionTask
from vartai.tasks.card_facts import CardFacts, Fact, Run, file_names

_WARNING = (
    "It describes whatever it is shown in the words of its training captions, without a sign where "
    "it guesses; where it looked is no proof of what it saw."
)
UNJUDGED = (
    "The scores are those of the pictures that chose the epoch, so they flatter a little: judge by "
    "pictures that training never saw.",
    "It was trained without a baseline beside it; the commonest caption, whatever the picture, is "
    "one.",
    _WARNING,
)
"""Limits of a captioner that was trained and no more."""


def describe(run: Run[CaptionTask]) -> CardFacts:
    """The card of any captioner."""
    task, config = run.task, run.task.config
    return run.card(
        tags=["lstm", f"{config.model.attention} attention"],
        usage="vartai caption FOLDER picture.jpg",
        model={
            "attention": config.model.attention,
            "encoder": config.pictures.pretrained or config.model.encoder,
            "pictures": str(task.facts()["pictures"]),
            "words": task.words.size,
            "beam": config.writing.beam,
        },
        shown=("bleu_1", "bleu_2", "bleu_3", "bleu_4", "chrf"),
    )


def sizes(train: CaptionedPictures, valid: CaptionedPictures) -> dict[str, Fact]:
    """How much there was to train on and to choose by."""
    return {
        "pictures to train on": len(train),
        "captions to train on": count_captions(train),
        "pictures to choose the epoch by": len(valid),
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
    data: dict[str, Fact] = {
        "files": file_names(files),
        **sizes(splits.train, splits.valid),
        "pictures to judge by": len(splits.test),
        "rows left out": rejected,
    }
    limits = (
        verdict(report),
        f"BLEU is sacreBLEU's: {report.test.scores.bleu_signature}.",
        "Scores hold for pictures like those it was judged by, and for no others.",
        _WARNING,
    )
    return describe(Run(report.task, report.outcome, scores, data, limits))
