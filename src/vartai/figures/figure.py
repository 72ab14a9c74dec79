"""What every figure shares: its form, its quiet look, and lines that differ without colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vartai.errors import OptionError

# A Plotly figure as plain JSON: {"data": [trace, …], "layout": {…}}.
Figure = dict[str, Any]

INK = "#1f2933"
FAINT = "#d5dbe1"
# Lines differ in lightness, dash and marker, so that print and colour-blind eyes tell them apart.
LINES = (
    {"color": "#16324f", "dash": "solid", "symbol": "circle"},
    {"color": "#b8562b", "dash": "dash", "symbol": "diamond"},
    {"color": "#7aa095", "dash": "dot", "symbol": "square"},
)
# From white to dark blue, darker all the way.
SHADES = [
    [0.0, "#ffffff"],
    [0.25, "#d3e0ec"],
    [0.5, "#8fb0cf"],
    [0.75, "#45739f"],
    [1.0, "#16324f"],
]


def line_trace(
    name: str, x: Sequence[float], y: Sequence[float | None], *, style: int
) -> dict[str, Any]:
    """One line with markers.

    Args:
        name: what the legend calls it.
        x: positions.
        y: values, as many; None leaves a gap.
        style: which of `LINES`.
    """
    look = LINES[style]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": list(x),
        "y": list(y),
        "line": {"color": look["color"], "dash": look["dash"], "width": 2},
        "marker": {"color": look["color"], "symbol": look["symbol"], "size": 7},
    }


def titled_axis(title: str) -> dict[str, Any]:
    """An axis whose title says what is measured and in what unit."""
    return {
        "title": {"text": title},
        "gridcolor": FAINT,
        "linecolor": INK,
        "showline": True,
        "zeroline": False,
        "ticks": "outside",
        "automargin": True,
    }


def share_axis(title: str) -> dict[str, Any]:
    """An axis from 0 to 1, for shares and probabilities."""
    return {**titled_axis(title), "range": [0, 1], "tickformat": ".1f"}


def page_layout(title: str, *, height: int = 480) -> dict[str, Any]:
    """The look around the axes: white, one font, the legend above the plot.

    Args:
        title: of the whole figure.
        height: in pixels.
    """
    return {
        "title": {"text": title, "x": 0, "xref": "paper", "xanchor": "left"},
        "font": {"family": "system-ui, sans-serif", "size": 14, "color": INK},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "height": height,
        "margin": {"l": 70, "r": 30, "t": 90, "b": 60},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hovermode": "closest",
    }


def require_equal_lengths(lengths: dict[str, int]) -> None:
    """Refuse numbers that do not belong together.

    Args:
        lengths: name of the argument → how many numbers it has.

    Raises:
        OptionError: they are not equally many; names them all.
    """
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise OptionError(f"a figure needs equally many numbers of each kind, found: {found}")
