"""A report as plain values and in a sentence: what is saved, printed and handed to programs."""

from __future__ import annotations

from typing import Any

from vartai.tasks.classify.evaluation import Evaluation, shuffled_accuracy
from vartai.tasks.classify.experiment import Report, Row, Splits
from vartai.training.loop import history_as_values

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
    result = {
        "seconds": round(report.seconds, 3),
        "parameters": sum(value.numel() for value in report.task.model.parameters()),
        "valid": _scores(report.valid, valid_shuffled),
        "test": _scores(report.test, report.models[-1].shuffled_accuracy),
        "baselines": {row.name: _row(row) for row in report.baselines},
        "p_value": report.p_value,
        "best_epoch": report.outcome.best_epoch,
        "stopped_by": report.outcome.reason,
        "history": history_as_values(report.outcome),
    }
    if len(report.models) > 1:
        result["recurrent_alone"] = _row(report.models[0])
    return result


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


def _scores(evaluation: Evaluation, shuffled: float) -> dict[str, float]:
    return {
        "accuracy": evaluation.accuracy,
        "macro_f1": evaluation.macro_f1,
        "shuffled_accuracy": shuffled,
        "loss": evaluation.loss,
        "calibration_error": evaluation.calibration.error,
    }


def _row(row: Row) -> dict[str, float]:
    return {
        "accuracy": row.accuracy,
        "macro_f1": row.macro_f1,
        "shuffled_accuracy": row.shuffled_accuracy,
    }
