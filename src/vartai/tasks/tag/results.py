"""A tagger's report as plain values and in a sentence: what is saved, printed and handed on."""

from __future__ import annotations

from typing import Any

from vartai.tasks.measured import run_as_mapping
from vartai.tasks.tag.evaluation import TagEvaluation
from vartai.tasks.tag.experiment import TagReport

SIGNIFICANT = 0.05


def report_as_mapping(report: TagReport) -> dict[str, Any]:
    """Scores of the model and its baselines, JSON values throughout.

    Returns:
        ``seconds``, ``parameters``, ``measure``, ``valid``, ``test`` and ``baselines`` (by name),
        each as `scores_as_mapping` gives them, ``p_value``, ``best_epoch``, ``stopped_by`` and
        ``history``.
    """
    scores = {
        "measure": report.model.found.measure,
        "valid": scores_as_mapping(report.valid),
        "test": scores_as_mapping(report.model.found),
        "baselines": {row.name: scores_as_mapping(row.found) for row in report.baselines},
        "p_value": report.p_value,
    }
    return run_as_mapping(report.task, report.outcome, scores, seconds=report.seconds)


def scores_as_mapping(found: TagEvaluation) -> dict[str, float]:
    """``accuracy``, ``f1``, ``error`` (of the measure), and those of the others that there are.

    ``unseen_accuracy`` is of words that training lacked, ``feature_accuracy`` of those that have
    the feature.
    """
    scores = {
        "accuracy": found.accuracy,
        "f1": found.f1,
        "error": found.chosen_by.error,
        "words": found.words,
        "unseen_words": found.unseen,
    }
    if found.unseen_accuracy is not None:
        scores["unseen_accuracy"] = found.unseen_accuracy
    if found.feature_accuracy is not None:
        scores["feature_accuracy"] = found.feature_accuracy
    return scores


def verdict(report: TagReport) -> str:
    """One honest sentence: is this model better than the best baseline, on these sentences?"""
    best = max(report.baselines, key=lambda row: row.found.chosen_by.value)
    model = report.model
    measure = "F1 of spans" if model.found.measure == "f1" else "accuracy"
    difference = model.found.chosen_by.value - best.found.chosen_by.value
    chance = f"p = {report.p_value:.2g}"
    if report.p_value >= SIGNIFICANT:
        return (
            f"The difference to {best.name} ({difference:+.3f} {measure}) is within chance "
            f"({chance}) on {model.found.words:,} words."
        )
    if difference > 0:
        return f"{model.name} is better than {best.name} by {difference:.3f} {measure} ({chance})."
    return f"{best.name} is better here by {-difference:.3f} {measure} ({chance}): use it."
