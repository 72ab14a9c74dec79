"""One unit followed through a text."""

from __future__ import annotations

from collections.abc import Sequence

from vartai.figures.figure import (
    INK,
    Figure,
    line_trace,
    page_layout,
    require_equal_lengths,
    titled_axis,
)
from vartai.figures.tokens import places, token_axis


def unit_line(
    *, tokens: Sequence[str], values: Sequence[float], bounds: tuple[float, float], title: str
) -> Figure:
    """A unit's value at each token, with a line at zero.

    Args:
        tokens: ``[T]``. Named under the axis.
        values: ``[T]``.
        bounds: lowest and highest value that the axis shows.
        title: of the figure.

    Raises:
        OptionError: not equally many.
    """
    require_equal_lengths({"tokens": len(tokens), "values": len(values)})
    low, high = bounds
    room = 0.05 * (high - low)
    layout = page_layout(title, height=260)
    layout["xaxis"] = {**titled_axis("token"), **token_axis(tokens)}
    layout["yaxis"] = {**titled_axis("value"), "range": [low - room, high + room]}
    layout["shapes"] = [
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": 0,
            "y1": 0,
            "layer": "below",
            "line": {"color": INK, "width": 1, "dash": "dot"},
        }
    ]
    line = line_trace("unit", range(len(tokens)), list(values), style=0)
    named = {
        "x": places(tokens),
        "hovertemplate": "%{x}<br>%{y:.3f}<extra></extra>",
        "showlegend": False,
    }
    return {"data": [{**line, **named}], "layout": layout}
