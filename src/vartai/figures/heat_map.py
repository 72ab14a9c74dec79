"""Units by tokens as a heat map: states on a scale with a zero in its middle, gates from 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vartai.errors import OptionError
from vartai.figures.figure import (
    SHADES,
    Figure,
    page_layout,
    require_equal_lengths,
    titled_axis,
)
from vartai.figures.tokens import places, token_axis

# Lighter all the way from the lowest value to the highest, so that print tells signs apart too;
# blue below the grey of zero, orange above it.
SIGNED = [
    [0.0, "#0b1f3a"],
    [0.25, "#3f6a9c"],
    [0.5, "#9aa0a6"],
    [0.75, "#f0b27a"],
    [1.0, "#fff3d6"],
]
_DIGITS = 4
_MOST_UNITS_WRITTEN = 40


def heat_map(
    *,
    values: NDArray[np.floating[Any]],
    tokens: Sequence[str],
    units: Sequence[int],
    title: str,
    share: bool,
    bound: float | None = None,
) -> Figure:
    """One quantity of a layer; hovering tells place and token, unit, and value.

    Args:
        values: ``[T, U]``. One row a token. Rounded to four decimals, so that a page of 300 tokens
            by 512 units stays small.
        tokens: T of them, as they stand.
        units: U different numbers, in the order in which they are drawn, from above.
        title: of the figure.
        share: whether values lie between 0 and 1, as gates do; else they have signs, and the scale
            has zero in its middle.
        bound: the scale of signed values ends here, on both sides; at the largest if not given.

    Raises:
        OptionError: numbers that do not belong together, or no value at all.
    """
    if values.ndim != 2 or values.size == 0:
        raise OptionError(f"a heat map needs numbers [tokens, units], found {list(values.shape)}")
    require_equal_lengths({"tokens": len(tokens), "rows of values": values.shape[0]})
    require_equal_lengths({"units": len(units), "columns of values": values.shape[1]})
    largest = float(np.abs(values).max()) if bound is None else bound
    low, high = (0.0, 1.0) if share else (-(largest or 1.0), largest or 1.0)
    trace = {
        "type": "heatmap",
        "x": places(tokens),
        "y": [f"unit {unit}" for unit in units],
        "z": np.array(values.T, dtype=np.float64).round(_DIGITS).tolist(),
        "zmin": low,
        "zmax": high,
        "colorscale": SHADES if share else SIGNED,
        "colorbar": {"title": {"text": "share" if share else "value"}},
        "hovertemplate": "%{x}<br>%{y}<br>%{z}<extra></extra>",
    }
    layout = page_layout(title, height=int(min(1200, 280 + 14 * len(units))))
    layout["xaxis"] = {**titled_axis("token"), **token_axis(tokens)}
    step = max(1, -(-len(units) // _MOST_UNITS_WRITTEN))
    layout["yaxis"] = {
        **titled_axis("unit"),
        "type": "category",
        "tickmode": "array",
        "tickvals": list(range(0, len(units), step)),
        "ticktext": [str(unit) for unit in units[::step]],
        "showgrid": False,
        "autorange": "reversed",
    }
    return {"data": [trace], "layout": layout}
