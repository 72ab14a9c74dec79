"""What a model that answers says of itself on its model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vartai.data.questions.question import SPAN, Questions
from vartai.tasks.answer.experiment import Report
from vartai.tasks.answer.fit import Splits
from vartai.tasks.answer.results import verdict
from vartai.tasks.answer.task import AnswerTask
from vartai.tasks.card_facts import CardFacts, Fact, Run, file_names

_SHOWN = {SPAN: ("exact_match", "f1"), "word": ("accuracy",)}


def describe(run: Run[AnswerTask]) -> CardFacts:
    """The card of any model that answers."""
    kind, cell = run.task.kind, run.task.config.model.cell
    return run.card(
        tags=[cell, kind],
        usage='vartai answer FOLDER --context passage.txt "question"',
        model={"kind": kind, "cell": cell},
        shown=_SHOWN[kind],
    )


def sizes(train: Questions, valid: Questions) -> dict[str, Fact]:
    """How much there was to train on and to choose by."""
    return {"questions to train on": len(train), "questions to choose the epoch by": len(valid)}


def unjudged(kind: str) -> list[str]:
    """Limits of a model that was trained and no more."""
    flattered = (
        "The scores are those of the questions that chose the epoch, so they flatter a little: "
        "judge by questions that training never saw."
    )
    return [*_limits(kind, flattered), "It was trained without a baseline beside it."]


def card_facts(
    report: Report,
    scores: Mapping[str, Any],
    splits: Splits,
    *,
    files: Sequence[str],
    rejected: int,
) -> CardFacts:
    """Of a model that was trained and judged.

    Args:
        report: the model and its scores.
        scores: the same as `report_as_mapping` gives them.
        splits: the questions it learned from and was judged by.
        files: where they came from.
        rejected: questions of those files that could not be used.
    """
    data: dict[str, Fact] = {
        "files": file_names(files),
        **sizes(splits.train, splits.valid),
        "questions to judge by": len(splits.test),
        "questions left out": rejected,
    }
    limits = _limits(report.task.kind, verdict(report))
    return describe(Run(report.task, report.outcome, scores, data, limits))


def _limits(kind: str, first: str) -> list[str]:
    """Sentences that say where a model of this kind should not be used."""
    if kind == SPAN:
        own = (
            "An answer is a part of the context that was given; it is not checked against anything "
            "else, and the context may be wrong."
        )
    else:
        own = "It can only give answers that it saw in training."
    return [first, "Scores hold for questions like those it was judged by, and for no others.", own]
