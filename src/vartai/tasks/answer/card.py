"""What a model that answers says of itself on its model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vartai.data.questions.question import SPAN
from vartai.tasks.answer.experiment import Report
from vartai.tasks.answer.fit import Splits
from vartai.tasks.answer.results import verdict
from vartai.tasks.card_facts import CardFacts, file_names, run_facts

USAGE = 'vartai answer FOLDER --context passage.txt "question"'
MEASURES = {SPAN: ("exact_match", "f1"), "word": ("accuracy",)}


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
    config = report.task.config
    shown = MEASURES[report.task.kind]
    return CardFacts(
        tags=[config.model.cell, report.task.kind],
        usage=USAGE,
        data={
            "files": file_names(files),
            "questions to train on": len(splits.train),
            "questions to choose the epoch by": len(splits.valid),
            "questions to judge by": len(splits.test),
            "questions left out": rejected,
        },
        training={
            "kind": report.task.kind,
            "cell": config.model.cell,
            "parameters": int(scores["parameters"]),
            **run_facts(config.training, report.outcome, seconds=scores["seconds"]),
        },
        metrics={name: scores["test"][name] for name in shown},
        baselines={
            name: {measure: row[measure] for measure in shown}
            for name, row in scores["baselines"].items()
        },
        limits=limits(report.task.kind, verdict(report)),
    )


def limits(kind: str, first: str) -> list[str]:
    """Sentences that say where a model of this kind should not be used."""
    if kind == SPAN:
        own = (
            "An answer is a part of the context that was given; it is not checked against anything "
            "else, and the context may be wrong."
        )
    else:
        own = "It can only give answers that it saw in training."
    return [first, "Scores hold for questions like those it was judged by, and for no others.", own]
