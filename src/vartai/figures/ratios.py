"""How many times as long others take, with confidence intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vartai.errors import OptionError
from vartai.figures.figure import (
    INK,
    LINES,
    Figure,
    page_layout,
    require_equal_lengths,
    titled_axis,
)

# Value, low and high end of its interval; None where it was not measured.
Interval = tuple[float, float, float] | None


def ratio_chart(
    *,
    cases: Sequence[str],
    ratios: Mapping[str, Sequence[Interval]],
    axis: str,
    title: str = "Time beside others",
) -> Figure:
    """A row for each case, a mark with its interval for each opponent, a line at 1.

    The axis is logarithmic: twice as fast and half as fast are equally far from 1.

    Args:
        cases: ``[n]``. Names, the first on top.
        ratios: ``[n]`` by name of opponent, three opponents at most.
        axis: what the ratio is, in words.
        title: of the figure.

    Raises:
        OptionError: not equally many numbers, more opponents than marks, or a ratio not above 0.
    """
    require_equal_lengths({"cases": len(cases)} | {name: len(of) for name, of in ratios.items()})
    if len(ratios) > len(LINES):
        raise OptionError(f"a chart of ratios shows {len(LINES)} opponents at most: {len(ratios)}")
    layout = page_layout(f"{title}<br>{axis}", height=160 + 26 * len(cases))
    layout["xaxis"] = {**titled_axis(""), "type": "log", "dtick": "D1", "side": "top"}
    layout["legend"] = {**layout["legend"], "y": -0.02, "yanchor": "top"}
    layout["yaxis"] = {**titled_axis(""), "autorange": "reversed", "type": "category"}
    layout["shapes"] = [
        {
            "type": "line",
            "yref": "paper",
            "x0": 1,
            "x1": 1,
            "y0": 0,
            "y1": 1,
            "layer": "below",
            "line": {"color": INK, "width": 1},
        }
    ]
    marks = enumerate(ratios.items())
    data = [_marks(name, cases, of, style=style) for style, (name, of) in marks]
    return {"data": data, "layout": layout}


def _marks(name: str, cases: Sequence[str], of: Sequence[Interval], *, style: int) -> Figure:
    there = [(case, found) for case, found in zip(cases, of, strict=True) if found is not None]
    for case, (value, low, high) in there:
        if not 0 < low <= value <= high:
            raise OptionError(f"{name}, {case}: {value} ({low} to {high}) is no ratio")
    look = LINES[style]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [value for _, (value, _, _) in there],
        "y": [case for case, _ in there],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [high - value for _, (value, _, high) in there],
            "arrayminus": [value - low for _, (value, low, _) in there],
            "color": look["color"],
        },
        "marker": {"color": look["color"], "symbol": look["symbol"], "size": 8},
    }
