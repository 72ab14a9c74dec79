"""Gradients by distance, several models side by side, on a logarithmic axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vartai.errors import OptionError
from vartai.figures.figure import (
    INK,
    LINES,
    Figure,
    page_layout,
    require_equal_lengths,
    titled_axis,
)

Values = Sequence[float | None]

# The three of all figures and five more; each differs from its neighbours in dash and lightness.
LOOKS = (
    *LINES,
    {"color": "#5e3c99", "dash": "longdash", "symbol": "triangle-up"},
    {"color": "#c9a227", "dash": "dashdot", "symbol": "x"},
    {"color": "#4a4a4a", "dash": "longdashdot", "symbol": "star"},
    {"color": "#e08fa3", "dash": "solid", "symbol": "triangle-down"},
    {"color": "#5aa9d6", "dash": "dash", "symbol": "cross"},
)
# Marks at every distance would hide the line.
_MARKS = 12


@dataclass(frozen=True)
class Band:
    """A curve and what lies around it.

    Attributes:
        mean: ``[K+1]``, at distances 0 to K. None where it is not finite.
        low: ``[K+1]``. Lower edge of the spread.
        high: ``[K+1]``. Upper edge.
        look: which of the looks; curves of one model before and after training may share a colour.
    """

    mean: Values
    low: Values
    high: Values
    look: int | None = None


def memory_curves(
    curves: Mapping[str, Band],
    *,
    axis: str = "size of the gradient",
    title: str = "Gradient by distance",
    spread: bool = True,
) -> Figure:
    """A line for each model, the spread of single gradients as a band behind it.

    Args:
        curves: by name of the model, eight at most.
        axis: what a size is, in words.
        title: of the figure.
        spread: whether bands are drawn.

    Raises:
        OptionError: more curves than looks, or a curve whose numbers are not equally many.
    """
    if len(curves) > len(LOOKS):
        raise OptionError(f"a figure shows {len(LOOKS)} curves at most, found {len(curves)}")
    data: list[dict[str, Any]] = []
    for place, (name, band) in enumerate(curves.items()):
        require_equal_lengths(
            {
                f"{name}: mean": len(band.mean),
                "low": len(band.low),
                "high": len(band.high),
            }
        )
        look = LOOKS[place if band.look is None else band.look % len(LOOKS)]
        if spread:
            data.append(_area(name, band, look))
        data.append(_line(name, band, look))
    layout = page_layout(title, height=520)
    layout["xaxis"] = {**titled_axis("distance (steps)"), "rangemode": "tozero"}
    layout["yaxis"] = {
        **titled_axis(axis),
        "type": "log",
        "exponentformat": "power",
        "dtick": _ticks(curves),
    }
    layout["font"] = {**layout["font"], "color": INK}
    return {"data": data, "layout": layout}


def _ticks(curves: Mapping[str, Band]) -> int:
    """Powers of ten between two ticks."""
    found = [value for band in curves.values() for value in band.mean if value]
    if not found:
        return 1
    ratio = max(found) / min(found)
    return max(1, len(f"{ratio:.0f}") // 8)


def _positive(values: Values) -> list[float | None]:
    """A logarithmic axis has no place for 0: a gap stands there."""
    return [value if value is not None and value > 0 else None for value in values]


def _line(name: str, band: Band, look: Mapping[str, str]) -> dict[str, Any]:
    every = max(1, len(band.mean) // _MARKS)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "legendgroup": name,
        "x": list(range(len(band.mean))),
        "y": _positive(band.mean),
        "line": {"color": look["color"], "dash": look["dash"], "width": 2},
        "marker": {
            "color": look["color"],
            "symbol": look["symbol"],
            "size": [8 if k % every == 0 else 0 for k in range(len(band.mean))],
            "line": {"width": 0},
        },
        "hovertemplate": "distance %{x}<br>%{y:.3g}<extra>%{fullData.name}</extra>",
    }


def _area(name: str, band: Band, look: Mapping[str, str]) -> dict[str, Any]:
    """One closed shape: along the upper edge, and back along the lower one."""
    edges = [
        (k, low, high)
        for k, (low, high) in enumerate(zip(_positive(band.low), _positive(band.high), strict=True))
        if low is not None and high is not None
    ]
    there = [(k, high) for k, _, high in edges]
    back = [(k, low) for k, low, _ in reversed(edges)]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"{name}, spread",
        "legendgroup": name,
        "showlegend": False,
        "x": [k for k, _ in there + back],
        "y": [value for _, value in there + back],
        "fill": "toself",
        "fillcolor": _faint(look["color"]),
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.13)"
