"""Scores of several things, every single one of them, with their means."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from vartai.errors import OptionError
from vartai.figures.figure import FAINT, INK, LINES, Figure, page_layout, titled_axis


def spread_chart(
    scores: Mapping[str, Sequence[float]], *, axis: str, title: str = "Scores"
) -> Figure:
    """A row for each, the first on top: an open circle a score, an upright stroke at their mean.

    Nothing depends on colour. A grey line marks the mean of the first, which others are set beside.

    Args:
        scores: by name; at least one each.
        axis: what a score is, in words.
        title: of the figure.

    Raises:
        OptionError: nothing to show, or something without a score.
    """
    if not scores or not all(scores.values()):
        raise OptionError("a chart of scores needs at least one score of everything that it shows")
    means = {name: math.fsum(own) / len(own) for name, own in scores.items()}
    points = [(value, name) for name, own in scores.items() for value in own]
    orange = LINES[1]["color"]
    open_circle = {"symbol": "circle-open", "size": 10, "color": INK, "line": {"width": 1.5}}
    stroke = {"symbol": "line-ns", "size": 20, "line": {"width": 3, "color": orange}}
    data = [
        _marks("one training", points, open_circle),
        _marks("mean", [(value, name) for name, value in means.items()], stroke),
    ]
    layout = page_layout(title, height=190 + 30 * len(scores))
    layout["xaxis"] = titled_axis(axis)
    layout["yaxis"] = {**titled_axis(""), "autorange": "reversed", "type": "category"}
    first = next(iter(means.values()))
    layout["shapes"] = [
        {
            "type": "line",
            "yref": "paper",
            "x0": first,
            "x1": first,
            "y0": 0,
            "y1": 1,
            "layer": "below",
            "line": {"color": FAINT, "width": 2},
        }
    ]
    return {"data": data, "layout": layout}


def _marks(
    name: str, points: Sequence[tuple[float, str]], marker: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [value for value, _ in points],
        "y": [row for _, row in points],
        "marker": dict(marker),
        "hovertemplate": "%{y}<br>%{x:.4f}<extra>%{fullData.name}</extra>",
    }
