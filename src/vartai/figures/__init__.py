"""Figures: numbers in, Plotly figures out as plain JSON, and pages that hold one.

Drawing is left to whoever shows them: a notebook through `plotly.graph_objects.Figure(figure)`, a
page through `write_figure`. Only the latter needs the `plotly` package.
"""

from __future__ import annotations

from vartai.figures.calibration import calibration, calibration_error, confidence_bins
from vartai.figures.confusion import confusion_matrix
from vartai.figures.figure import Figure
from vartai.figures.learning_curve import learning_curve
from vartai.figures.page import write_figure
from vartai.figures.ratios import ratio_chart
from vartai.figures.spread import spread_chart

__all__ = [
    "Figure",
    "calibration",
    "calibration_error",
    "confidence_bins",
    "confusion_matrix",
    "learning_curve",
    "ratio_chart",
    "spread_chart",
    "write_figure",
]
