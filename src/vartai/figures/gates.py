"""Gates as masks: how often each unit's is nearly shut or open, and its bits along a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vartai.errors import OptionError
from vartai.figures.figure import (
    FAINT,
    SHADES,
    Figure,
    page_layout,
    require_equal_lengths,
    share_axis,
    titled_axis,
)
from vartai.figures.memory import LOOKS


@dataclass(frozen=True)
class Shares:
    """Of each unit's gate ``[H]``: share of the steps at which it is nearly shut, nearly open."""

    left: Sequence[float]
    right: Sequence[float]


def saturation_scatter(
    gates: Mapping[str, Shares], *, title: str = "Saturation of the gates"
) -> Figure:
    """A mark for each unit of each gate: nearly shut along one axis, nearly open along the other.

    Near the origin a gate is a soft weight; near the diagonal, where both shares add up to 1, it
    is a mask. As in Karpathy, Johnson & Fei-Fei 2015, figure 3.

    Args:
        gates: by name, eight at most.
        title: of the figure.

    Raises:
        OptionError: more gates than looks, or not equally many shares.
    """
    if len(gates) > len(LOOKS):
        raise OptionError(f"a figure shows {len(LOOKS)} gates at most, found {len(gates)}")
    data = []
    for place, (name, shares) in enumerate(gates.items()):
        require_equal_lengths({f"{name}: left": len(shares.left), "right": len(shares.right)})
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": name,
                "x": list(shares.right),
                "y": list(shares.left),
                "text": [f"unit {unit}" for unit in range(len(shares.left))],
                "marker": {
                    "color": LOOKS[place]["color"],
                    "symbol": LOOKS[place]["symbol"],
                    "size": 8,
                    "opacity": 0.75,
                },
                "hovertemplate": "%{text}<br>open %{x:.0%}, shut %{y:.0%}"
                "<extra>%{fullData.name}</extra>",
            }
        )
    layout = page_layout(title, height=560)
    layout["xaxis"] = {
        **share_axis("share of steps nearly open (above 0.9)"),
        "range": [-0.03, 1.03],
    }
    layout["yaxis"] = {
        **share_axis("share of steps nearly shut (below 0.1)"),
        "range": [-0.03, 1.03],
    }
    layout["shapes"] = [
        {
            "type": "line",
            "x0": 0,
            "y0": 1,
            "x1": 1,
            "y1": 0,
            "layer": "below",
            "line": {"color": FAINT, "width": 3},
        }
    ]
    return {"data": data, "layout": layout}


def mask_over_text(
    values: NDArray[Any],
    tokens: Sequence[str],
    *,
    units: Sequence[int] | None = None,
    title: str = "A gate along a text",
) -> Figure:
    """Tokens from left to right, units from top to bottom; dark is open.

    Args:
        values: ``[T, H]``: a gate from 0 to 1, or its bits.
        tokens: ``[T]``.
        units: the rows shown, from the top; all if not given.
        title: of the figure.

    Raises:
        OptionError: not as many tokens as steps, a unit that there is not, or a value that is no
            gate's.
    """
    grid = np.asarray(values, dtype=np.float64)
    require_equal_lengths({"tokens": len(tokens), "steps": len(grid)})
    if grid.ndim != 2 or (grid.size and not (grid.min() >= 0 and grid.max() <= 1)):
        raise OptionError("a mask is [steps, units] of numbers from 0 to 1")
    chosen = list(range(grid.shape[1])) if units is None else list(units)
    for unit in chosen:
        if not 0 <= unit < grid.shape[1]:
            raise OptionError(f"units are 0 to {grid.shape[1] - 1}, found {unit}")
    layout = page_layout(title, height=max(300, 200 + 16 * len(chosen)))
    layout["xaxis"] = {
        **titled_axis(""),
        "tickmode": "array",
        "tickvals": list(range(len(tokens))),
        "ticktext": [_escaped(token) for token in tokens],
        "tickangle": -45 if len(tokens) > 12 else 0,
        "showgrid": False,
    }
    layout["yaxis"] = {
        **titled_axis("unit"),
        "tickmode": "array",
        "tickvals": list(range(len(chosen))),
        "ticktext": [str(unit) for unit in chosen],
        "autorange": "reversed",
        "showgrid": False,
    }
    trace = {
        "type": "heatmap",
        "z": grid[:, chosen].T.round(4).tolist(),
        "zmin": 0,
        "zmax": 1,
        "xgap": 1,
        "ygap": 1,
        "colorscale": SHADES,
        "colorbar": {"title": {"text": "gate"}, "tickformat": ".1f"},
        "customdata": [[_escaped(token) for token in tokens]] * len(chosen),
        "hovertemplate": "%{customdata}<br>row %{y}<br>%{z:.2f}<extra></extra>",
    }
    return {"data": [trace], "layout": layout}


def _escaped(token: str) -> str:
    """Plotly reads a small part of HTML in its texts; a token is shown as it is."""
    return token.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
