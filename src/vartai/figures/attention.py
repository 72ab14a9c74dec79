"""Who looked where: weights of attention as a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vartai.errors import OptionError
from vartai.figures.figure import SHADES, Figure, page_layout, require_equal_lengths, titled_axis
from vartai.figures.tokens import places, token_axis

_DIGITS = 4


def attention_map(
    *,
    weights: NDArray[np.floating[Any]],
    rows: Sequence[str],
    columns: Sequence[str],
    title: str = "Attention",
    axes: tuple[str, str] = ("looks", "is looked at"),
) -> Figure:
    """Each row's shares, darker for more.

    Args:
        weights: ``[R, C]``.
        rows: R names of what looks.
        columns: C names of what is looked at.
        title: of the figure.
        axes: titles of rows and columns.

    Raises:
        OptionError: numbers that do not belong together, or none.
    """
    if weights.ndim != 2 or weights.size == 0:
        raise OptionError(f"a map of attention needs numbers [R, C], found {list(weights.shape)}")
    require_equal_lengths({"rows": len(rows), "rows of weights": weights.shape[0]})
    require_equal_lengths({"columns": len(columns), "columns of weights": weights.shape[1]})
    trace = {
        "type": "heatmap",
        "x": places(columns),
        "y": places(rows),
        "z": weights.astype(np.float64).round(_DIGITS).tolist(),
        "zmin": 0,
        "zmax": 1,
        "colorscale": SHADES,
        "colorbar": {"title": {"text": "share"}, "tickformat": ".0%"},
        "hovertemplate": "%{y} looks at<br>%{x}<br>%{z:.1%}<extra></extra>",
    }
    layout = page_layout(title, height=int(min(1200, 300 + 22 * len(rows))))
    layout["xaxis"] = {**titled_axis(axes[1]), **token_axis(columns)}
    layout["yaxis"] = {**titled_axis(axes[0]), **token_axis(rows), "autorange": "reversed"}
    return {"data": [trace], "layout": layout}
