"""What a translator says of itself on its model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vartai.data.parallel import Parallel
from vartai.tasks.card_facts import CardFacts, Fact, Run, file_names
from vartai.tasks.translate.experiment import Report, Splits
from vartai.tasks.translate.results import verdict
from vartai.tasks.translate.task import TranslateTask

_WARNING = (
    "It writes fluently what it has seen; what it has not seen it may leave out or replace without "
    "a sign. Have translations that matter read by somebody who knows both languages."
)
UNJUDGED = (
    "The scores are those of the pairs that chose the epoch, so they flatter a little: judge by "
    "pairs that training never saw.",
    "It was trained without a baseline beside it; copying the source and translating word for word "
    "are two.",
    _WARNING,
)
"""Limits of a translator that was trained and no more."""


def describe(run: Run[TranslateTask]) -> CardFacts:
    """The card of any translator."""
    config = run.task.config
    return run.card(
        tags=[config.model.cell],
        usage="vartai translate FOLDER < texts.txt",
        model={
            "cell": config.model.cell,
            "attention": config.model.attention,
            "input feeding": config.model.input_feeding,
            "shared vocabulary": config.text.shared,
            "beam": config.writing.beam,
        },
        shown=("bleu", "chrf"),
    )


def sizes(train: Parallel, valid: Parallel) -> dict[str, Fact]:
    """How much there was to train on and to choose by."""
    return {"pairs to train on": len(train), "pairs to choose the epoch by": len(valid)}


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
    data: dict[str, Fact] = {
        "files": file_names(files),
        **sizes(splits.train, splits.valid),
        "pairs to judge by": len(splits.test),
        "pairs left out": rejected,
    }
    limits = (
        verdict(report),
        f"BLEU is sacreBLEU's: {report.test.scores.bleu_signature}.",
        "Scores hold for texts like those it was judged by, and for no others.",
        _WARNING,
    )
    return describe(Run(report.task, report.outcome, scores, data, limits))
