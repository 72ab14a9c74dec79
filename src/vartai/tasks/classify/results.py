"""A report as plain values and in a sentence: what is saved, printed and handed to programs."""

from __future__ import annotations

from typing import Any

from vartai.tasks.classify.evaluation import Evaluation, shuffled_accuracy
from vartai.tasks.classify.experiment import Report, Row, Splits
from vartai.tasks.measured import run_as_mapping

SIGNIFICANT = 0.05


def report_as_mapping(report: Report, splits: Splits) -> dict[str, Any]:
    """Scores of the model and its baselines, JSON values throughout.

    Returns:
        ``seconds``, ``parameters``, ``valid``, ``test`` (each ``accuracy``, ``macro_f1``,
        ``shuffled_accuracy``, ``loss``, ``calibration_error``), ``baselines`` (by name, the first
        three), how training went and, where n-grams were added, ``recurrent_alone`` (the same
        three).
    """
    seed = report.task.config.training.seed
    valid_shuffled = shuffled_accuracy(report.task, splits.valid, seed=seed)
    scores = {
        "valid": {**scores_as_mapping(report.valid), "shuffled_accuracy": valid_shuffled},
        "test": {
            **scores_as_mapping(report.test),
            "shuffled_accuracy": report.models[-1].shuffled_accuracy,
        },
        "baselines": {row.name: _row(row) for row in report.baselines},
        "p_value": report.p_value,
    }
    result = run_as_mapping(report.task, report.outcome, scores, seconds=report.seconds)
    if len(report.models) > 1:
        result["recurrent_alone"] = _row(report.models[0])
    return result


def scores_as_mapping(found: Evaluation) -> dict[str, float]:
    """Scores of an evaluation, as JSON values."""
    return {
        "accuracy": found.accuracy,
        "macro_f1": found.macro_f1,
        "loss": found.loss,
        "calibration_error": found.calibration.error,
    }


def verdict(report: Report) -> str:
    """One honest sentence: is this model better than the best baseline, on these test texts?"""
    best = max(report.baselines, key=lambda row: row.accuracy)
    model = report.models[-1]
    difference = model.accuracy - best.accuracy
    chance = f"p = {report.p_value:.2g}"
    if report.p_value >= SIGNIFICANT:
        return (
            f"The difference to {best.name} ({difference:+.3f}) is within chance ({chance}) "
            f"on {len(model.correct):,} texts."
        )
    if difference > 0:
        return f"{model.name} is better than {best.name} by {difference:.3f} ({chance})."
    return f"{best.name} is better here by {-difference:.3f} ({chance}): use it."


def _row(row: Row) -> dict[str, float]:
    return {
        "accuracy": row.accuracy,
        "macro_f1": row.macro_f1,
        "shuffled_accuracy": row.shuffled_accuracy,
    }
