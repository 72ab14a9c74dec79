"""Whether a model that says 0.8 is right eight times in ten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vartai.errors import OptionError
from vartai.figures.figure import (
    INK,
    LINES,
    Figure,
    line_trace,
    page_layout,
    require_equal_lengths,
    share_axis,
    titled_axis,
)


@dataclass(frozen=True)
class ConfidenceBin:
    """The predictions whose confidence lies in one interval.

    Attributes:
        low: where the interval begins, exclusive but for 0.
        high: where it ends, inclusive.
        count: predictions in it.
        confidence: their mean confidence, 0 if there are none.
        accuracy: share of them that were right, 0 if there are none.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def confidence_bins(
    confidence: Sequence[float], correct: Sequence[bool], *, bins: int = 10
) -> list[ConfidenceBin]:
    """Sort predictions into intervals of equal width.

    Args:
        confidence: ``[n]``. Probability given to the predicted label.
        correct: ``[n]``. Whether it was the true one.
        bins: how many intervals.

    Raises:
        OptionError: not equally many, a confidence outside 0 to 1, or fewer than one interval.
    """
    require_equal_lengths({"confidence": len(confidence), "correct": len(correct)})
    if bins < 1:
        raise OptionError(f"bins must be at least 1, was {bins}")
    said = np.asarray(confidence, dtype=np.float64)
    right = np.asarray(correct, dtype=bool)
    outside = said[~((said >= 0) & (said <= 1))]
    if outside.size:
        raise OptionError(f"confidence must lie between 0 and 1, found {outside[0]}")
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.clip(np.searchsorted(edges, said, side="left") - 1, 0, bins - 1)
    made = []
    for i in range(bins):
        here = place == i
        count = int(here.sum())
        mean, share = (float(said[here].mean()), float(right[here].mean())) if count else (0.0, 0.0)
        made.append(ConfidenceBin(float(edges[i]), float(edges[i + 1]), count, mean, share))
    return made


def calibration_error(bins: Sequence[ConfidenceBin]) -> float:
    """Expected calibration error: how far confidence and accuracy lie apart, on average.

    Each interval counts by its predictions. 0 is best, 1 is worst.

    Source:
        Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", 2017, equation 3.

    Raises:
        OptionError: there is no prediction.

    Example:
        >>> calibration_error(confidence_bins([0.9, 0.9], [True, False]))
        0.4
    """
    total = sum(one.count for one in bins)
    if total == 0:
        raise OptionError("calibration needs at least one prediction, found none")
    return sum(one.count * abs(one.confidence - one.accuracy) for one in bins) / total


def calibration(bins: Sequence[ConfidenceBin], *, title: str = "Calibration") -> Figure:
    """Accuracy over confidence, beside the diagonal where both agree; below, how many there are.

    Args:
        bins: from `confidence_bins`.
        title: of the figure; the calibration error is written after it.

    Raises:
        OptionError: there is no prediction.
    """
    error = calibration_error(bins)
    filled = [one for one in bins if one.count]
    layout = page_layout(f"{title} (expected error {error:.3f})", height=620)
    layout["xaxis"] = {**share_axis(""), "anchor": "y", "matches": "x2", "showticklabels": False}
    layout["yaxis"] = {**share_axis("share that was right"), "domain": [0.34, 1]}
    layout["xaxis2"] = {**share_axis("confidence (probability)"), "anchor": "y2"}
    layout["yaxis2"] = {**titled_axis("texts"), "domain": [0, 0.26]}
    measured = line_trace(
        "this model", [b.confidence for b in filled], [b.accuracy for b in filled], style=0
    )
    diagonal = line_trace("confidence = accuracy", [0.0, 1.0], [0.0, 1.0], style=2)
    bars = {
        "type": "bar",
        "name": "texts",
        "x": [(one.low + one.high) / 2 for one in bins],
        "y": [one.count for one in bins],
        "width": [one.high - one.low for one in bins],
        "marker": {"color": LINES[2]["color"], "line": {"color": INK, "width": 1}},
        "showlegend": False,
        "xaxis": "x2",
        "yaxis": "y2",
    }
    return {"data": [{**diagonal, "mode": "lines"}, measured, bars], "layout": layout}
