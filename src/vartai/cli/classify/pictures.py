"""The pictures of an evaluation: confusion, calibration, and how training went."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vartai.bundle.trained import SavedTask
from vartai.figures import (
    Figure,
    calibration,
    confidence_bins,
    confusion_matrix,
    learning_curve,
    write_figure,
)
from vartai.tasks.classify.evaluation import Evaluation


def write_pictures(saved: SavedTask, found: Evaluation, folder: Path) -> list[Path]:
    """Write each picture that there is something for.

    Raises:
        MissingExtra: the package that draws is not installed.
        SaveError: one could not be written.
    """
    figures: dict[str, Figure] = {}
    if found.confusion is not None:
        figures["confusion.html"] = confusion_matrix(
            counts=found.confusion.tolist(), labels=saved.task.labels
        )
        confidence = found.probabilities.max(1)
        figures["calibration.html"] = calibration(
            confidence_bins(confidence.tolist(), found.correct.tolist())
        )
    curve = _learning_curve(saved.metrics)
    if curve is not None:
        figures["learning-curve.html"] = curve
    for name, figure in figures.items():
        write_figure(figure, folder / name)
    return [folder / name for name in figures]


def _learning_curve(metrics: Mapping[str, Any]) -> Figure | None:
    """The curve, if the bundle tells how its training went."""
    if not metrics.get("history"):
        return None
    history = metrics["history"]
    best = [place for place, epoch in enumerate(history) if epoch["best"]]
    return learning_curve(
        passes=[epoch["epoch"] for epoch in history],
        train_loss=[epoch["train_loss"] for epoch in history],
        valid_loss=[epoch["valid_loss"] for epoch in history],
        valid_score=[epoch["valid_score"] for epoch in history],
        best=best[-1] if best else None,
    )
