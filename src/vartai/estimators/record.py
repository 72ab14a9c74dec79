"""What a fit leaves on record: scores as plain values, and a model card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vartai.bundle.card import render_card
from vartai.data.examples import Examples
from vartai.tasks.card_facts import CardFacts
from vartai.tasks.classify.card import USAGE
from vartai.tasks.classify.evaluation import evaluate
from vartai.tasks.classify.task import ClassifyTask
from vartai.training.loop import Outcome, history_as_values

_MOST_LABELS = 20
_LIMITS = (
    "The scores are those of the texts that chose the epoch, so they flatter a little: judge by "
    "texts that training never saw.",
    "It was trained without a baseline beside it; TF-IDF n-grams with logistic regression are one.",
    "A text of which no token is in the vocabulary still gets a label; it says nothing.",
)


def measure(task: ClassifyTask, outcome: Outcome, valid: Examples) -> dict[str, Any]:
    """Scores of a fresh classifier, JSON values throughout.

    Returns:
        ``seconds``, ``parameters``, ``valid`` (``accuracy``, ``macro_f1``, ``loss``,
        ``calibration_error``), ``best_epoch``, ``stopped_by`` and ``history``.
    """
    found = evaluate(task, valid)
    return {
        "seconds": round(outcome.seconds, 3),
        "parameters": sum(value.numel() for value in task.model.parameters()),
        "valid": {
            "accuracy": found.accuracy,
            "macro_f1": found.macro_f1,
            "loss": found.loss,
            "calibration_error": found.calibration.error,
        },
        "best_epoch": outcome.best_epoch,
        "stopped_by": outcome.reason,
        "history": history_as_values(outcome),
    }


def describe(
    task: ClassifyTask, metrics: Mapping[str, Any], *, train: Examples, valid: Examples
) -> str:
    """The model card of a fresh classifier, in Markdown."""
    config = task.config
    more = len(task.labels) - _MOST_LABELS
    shown = ", ".join(task.labels[:_MOST_LABELS])
    facts = CardFacts(
        tags=[config.model.cell],
        usage=USAGE,
        data={
            "texts to train on": len(train),
            "texts to choose the epoch by": len(valid),
            "labels": shown + (f" and {more:,} more" if more > 0 else ""),
        },
        training={
            "cell": config.model.cell,
            "n-gram path": config.model.wide,
            "unit": config.text.unit,
            "parameters": int(metrics["parameters"]),
            "seed": config.training.seed,
            "epochs": len(metrics["history"]),
            "best epoch": int(metrics["best_epoch"]),
            "seconds": float(metrics["seconds"]),
        },
        metrics={name: metrics["valid"][name] for name in ("accuracy", "macro_f1")},
        baselines={},
        limits=_LIMITS,
    )
    return render_card(f"Text classifier ({config.model.cell})", "classify", facts)
