"""A report as plain values and in a sentence: what is saved, printed and handed to programs."""

from __future__ import annotations

from typing import Any

from vartai.tasks.answer.experiment import Report
from vartai.tasks.measured import run_as_mapping

SIGNIFICANT = 0.05


def report_as_mapping(report: Report) -> dict[str, Any]:
    """Scores of the model and its baselines, JSON values throughout.

    Returns:
        ``seconds``, ``parameters``, ``kind``, ``threshold``, ``valid``, ``test``, ``baselines`` (by
        name), ``p_value`` and how training went. Scores are ``exact_match`` and ``f1`` of spans,
        in all and by ``with_answer`` and ``without_answer``; ``accuracy`` of words.
    """
    scores = {
        "kind": report.task.kind,
        "threshold": report.task.knowledge.threshold,
        "valid": report.valid.as_mapping(),
        "test": report.model.judged.as_mapping(),
        "baselines": {row.name: row.judged.as_mapping() for row in report.baselines},
        "p_value": report.p_value,
    }
    return run_as_mapping(report.task, report.outcome, scores, seconds=report.seconds)


def verdict(report: Report) -> str:
    """One honest sentence: is this model better than the best baseline, on these questions?"""
    best = report.best_baseline
    measure = "F1" if report.model.judged.spans is not None else "accuracy"
    difference = report.model.judged.value - best.judged.value
    chance = f"p = {report.p_value:.2g} for exact answers"
    if report.p_value >= SIGNIFICANT:
        return (
            f"The difference to {best.name} ({measure} {difference:+.3f}) may be chance ({chance}) "
            f"on {len(report.model.judged.exact):,} questions."
        )
    if difference > 0:
        return f"{report.model.name} is better than {best.name} by {difference:.3f} ({chance})."
    return f"{best.name} is better here by {-difference:.3f} ({chance}): use it."
