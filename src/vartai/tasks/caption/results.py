"""A report as plain values and in a sentence: what is saved, printed and handed to programs."""

from __future__ import annotations

from typing import Any

from vartai.tasks.caption.evaluation import Evaluation
from vartai.tasks.caption.examples import count_captions
from vartai.tasks.caption.experiment import Report, Splits
from vartai.tasks.caption.scores import ORDERS, CaptionScores
from vartai.tasks.measured import run_as_mapping


def captions_as_mapping(scores: CaptionScores) -> dict[str, float]:
    """Scores of captions alone, as JSON values."""
    found = {f"bleu_{n}": value for n, value in zip(ORDERS, scores.bleu, strict=True)}
    return {**found, "chrf": scores.chrf, "exact": scores.exact}


def scores_as_mapping(found: Evaluation) -> dict[str, Any]:
    """Scores of an evaluation, as JSON values."""
    return {
        **captions_as_mapping(found.scores),
        "nats_per_word": found.loss,
        "cut": found.cut,
        "bleu_signature": found.scores.bleu_signature,
        "chrf_signature": found.scores.chrf_signature,
    }


def report_as_mapping(report: Report, splits: Splits) -> dict[str, Any]:
    """Everything that was measured, as JSON values."""
    parts = ("train", "valid", "test")
    scores = {
        "vocabulary": report.task.words.size,
        "pictures": {part: len(getattr(splits, part)) for part in parts},
        "captions": {part: count_captions(getattr(splits, part)) for part in parts},
        "valid": scores_as_mapping(report.valid),
        "test": scores_as_mapping(report.test),
        "baselines": {each.name: captions_as_mapping(each.scores) for each in report.baselines},
    }
    return run_as_mapping(report.task, report.outcome, scores, seconds=report.seconds)


def verdict(report: Report) -> str:
    """One honest sentence: is this model better than the best baseline, on these pictures?"""
    best = max(report.baselines, key=lambda each: each.scores.bleu[-1])
    own = report.test.scores.bleu[-1]
    difference = own - best.scores.bleu[-1]
    if difference <= 0:
        return (
            f"The baseline {best.name} is as good or better here (BLEU-4 "
            f"{best.scores.bleu[-1]:.1f}, the model {own:.1f}): more pictures or longer training "
            "may help."
        )
    return f"The model is better than {best.name}, the best baseline, by {difference:.1f} BLEU-4."
