"""A report as plain values and in a sentence: what is saved, printed and handed to programs."""

from __future__ import annotations

from typing import Any

from vartai.tasks.generate.experiment import Report, Row, compare
from vartai.tasks.generate.scoring import Fit
from vartai.tasks.measured import run_as_mapping

_CLEAR = 2.0  # standard errors


def report_as_mapping(report: Report) -> dict[str, Any]:
    """Scores of the model and its baselines, JSON values throughout.

    Returns:
        ``seconds``, ``parameters``, ``unit``, ``valid``, ``test`` (each as `fit_as_mapping`),
        ``baselines`` by name, ``best_epoch``, ``stopped_by`` and ``history``.
    """
    scores = {
        "unit": report.task.config.text.unit,
        "valid": fit_as_mapping(report.valid),
        "test": fit_as_mapping(report.model.fit),
        "baselines": {row.name: fit_as_mapping(row.fit) for row in report.baselines},
    }
    return run_as_mapping(report.task, report.outcome, scores, seconds=report.seconds)


def fit_as_mapping(fit: Fit) -> dict[str, float]:
    """``nats_per_unit``, ``perplexity``, ``bits_per_character``, ``units``."""
    return {
        "nats_per_unit": fit.nats_per_unit,
        "perplexity": fit.perplexity,
        "bits_per_character": fit.bits_per_character,
        "units": fit.units,
    }


def verdict(report: Report) -> str:
    """One honest sentence: does this model foretell better than counting does?"""
    best = min(report.baselines, key=lambda row: row.fit.nats_per_unit)
    gain = compare(report.model, best)
    about = f"{gain.nats:+.3f} nats a {report.task.unit}, standard error {gain.error:.3f}"
    if abs(gain.nats) < _CLEAR * gain.error:
        return f"The difference to {best.name} ({about}) may be chance."
    if gain.nats > 0:
        return f"{report.model.name} foretells better than {best.name} ({about})."
    return f"{best.name} foretell better here ({about}): train longer, or use them."


def row_cells(row: Row) -> tuple[str, str, str, str]:
    """Name, nats a unit, perplexity and bits a character, to read."""
    fit = row.fit
    return (
        row.name,
        f"{fit.nats_per_unit:.4f}",
        f"{fit.perplexity:,.2f}",
        f"{fit.bits_per_character:.3f}",
    )
