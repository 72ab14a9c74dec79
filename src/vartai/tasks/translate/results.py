"""A report as plain values and in a sentence: what is saved, printed and handed to programs."""

from __future__ import annotations

from typing import Any

from vartai.tasks.measured import run_as_mapping
from vartai.tasks.translate.evaluation import Evaluation
from vartai.tasks.translate.experiment import Report, Splits


def scores_as_mapping(found: Evaluation) -> dict[str, Any]:
    """Scores of an evaluation, as JSON values."""
    return {
        "bleu": found.scores.bleu,
        "chrf": found.scores.chrf,
        "nats_per_token": found.loss,
        "cut": found.cut,
        "bleu_signature": found.scores.bleu_signature,
        "chrf_signature": found.scores.chrf_signature,
    }


def report_as_mapping(report: Report, splits: Splits) -> dict[str, Any]:
    """Everything that was measured, as JSON values."""
    scores = {
        "pairs": {part: len(getattr(splits, part)) for part in ("train", "valid", "test")},
        "valid": scores_as_mapping(report.valid),
        "test": scores_as_mapping(report.test),
        "baselines": {
            each.name: {"bleu": each.scores.bleu, "chrf": each.scores.chrf}
            for each in report.baselines
        },
    }
    return run_as_mapping(report.task, report.outcome, scores, seconds=report.seconds)


def verdict(report: Report) -> str:
    """One honest sentence: is this model better than the best baseline, on these test pairs?"""
    best = max(report.baselines, key=lambda each: each.scores.bleu)
    difference = report.test.scores.bleu - best.scores.bleu
    if difference <= 0:
        return (
            f"The baseline {best.name} is as good or better here (BLEU {best.scores.bleu:.1f}, "
            f"the model {report.test.scores.bleu:.1f}): use it, or train longer."
        )
    return f"The model is better than {best.name}, the best baseline, by {difference:.1f} BLEU."
