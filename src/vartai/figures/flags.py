"""Units and what they tell: the scores of all, one unit's values by label, one unit over a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vartai.errors import OptionError
from vartai.figures.figure import (
    FAINT,
    INK,
    LINES,
    SHADES,
    Figure,
    page_layout,
    require_equal_lengths,
    titled_axis,
)

_BINS = 40


def ranking_curve(
    units: Sequence[str],
    ranked: Sequence[float],
    held_out: Sequence[float],
    *,
    critical: float,
    value: str,
) -> Figure:
    """All units by how well they tell a value, best first, and what chance would have reached.

    Args:
        units: names.
        ranked: AUROC of each, 0.5 to 1, on the texts that it was ranked on.
        held_out: the same on other texts, in the same direction.
        critical: the score that only units above it survive.
        value: what they tell.

    Raises:
        OptionError: not equally many.
    """
    require_equal_lengths({"units": len(units), "ranked": len(ranked), "held_out": len(held_out)})
    order = np.argsort(-np.asarray(ranked, dtype=np.float64), kind="stable").tolist()
    places = list(range(1, len(order) + 1))
    names = [units[at] for at in order]
    edges = [0.5, len(order) + 0.5]
    data = [
        _points("ranked on", places, [ranked[at] for at in order], names, style=0),
        _points("held out", places, [held_out[at] for at in order], names, style=1),
        _level(f"survives above {critical:.3f}", edges, critical, style=2),
    ]
    layout = page_layout(f"How well each of {len(order):,} units tells {value}")
    layout["xaxis"] = titled_axis("units, best first")
    layout["yaxis"] = {
        **titled_axis("AUROC (0.5 says nothing)"),
        "range": [min(0.45, *held_out), 1.01],
    }
    return {"data": data, "layout": layout}


def _points(
    name: str, x: list[int], y: list[float], text: list[str], *, style: int
) -> dict[str, Any]:
    look = LINES[style]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": x,
        "y": y,
        "text": text,
        "hovertemplate": "%{text}: %{y:.3f}<extra></extra>",
        "marker": {"color": look["color"], "symbol": look["symbol"], "size": 5 if style else 7},
    }


def _level(name: str, x: list[float], y: float, *, style: int) -> dict[str, Any]:
    look = LINES[style]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": [y, y],
        "line": {"color": INK, "dash": look["dash"], "width": 2},
        "hoverinfo": "name",
    }


def unit_histogram(
    unit: str,
    of_value: Sequence[float],
    of_rest: Sequence[float],
    *,
    value: str,
    threshold: float | None = None,
) -> Figure:
    """What a unit was on tokens of a value and on the others, each as shares of their own.

    Args:
        unit: its name.
        of_value: its values on tokens of the value.
        of_rest: on the other labelled tokens.
        value: of the label.
        threshold: where the two are told apart.

    Raises:
        OptionError: none of one kind.
    """
    kinds = {value: _finite(of_value, value), "the rest": _finite(of_rest, "the rest")}
    together = np.concatenate(list(kinds.values()))
    low, high = float(together.min()), float(together.max())
    edges = np.linspace(low, high if high > low else low + 1.0, _BINS + 1)
    data = [
        _shares(name, numbers, edges, style=place)
        for place, (name, numbers) in enumerate(kinds.items())
    ]
    layout = page_layout(f"Unit {unit} on {value} and on the rest")
    layout |= {
        "barmode": "overlay",
        "bargap": 0.05,
        "xaxis": titled_axis(f"value of {unit}"),
        "yaxis": {**titled_axis("share of tokens"), "rangemode": "tozero", "tickformat": ".0%"},
    }
    if threshold is not None:
        layout["shapes"] = [
            {
                "type": "line",
                "x0": threshold,
                "x1": threshold,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": INK, "dash": "dash", "width": 2},
            }
        ]
    return {"data": data, "layout": layout}


def _shares(
    name: str, numbers: NDArray[np.float64], edges: NDArray[np.float64], *, style: int
) -> dict[str, Any]:
    """Bars of one kind; one is filled, the other hatched: told apart without colour."""
    color = LINES[style]["color"]
    return {
        "type": "bar",
        "name": f"{name} ({len(numbers):,} tokens)",
        "x": ((edges[1:] + edges[:-1]) / 2).tolist(),
        "y": (np.histogram(numbers, bins=edges)[0] / len(numbers)).tolist(),
        "marker": {
            "color": color,
            "line": {"color": color, "width": 1},
            "pattern": {"shape": "/" if style else "", "solidity": 0.4},
        },
        "hovertemplate": "%{x:.2f}: %{y:.1%}<extra></extra>",
    }


def _finite(numbers: Sequence[float], name: str) -> NDArray[np.float64]:
    found = np.asarray(numbers, dtype=np.float64)
    if not found.size:
        raise OptionError(f"a histogram needs tokens of both kinds, found none of {name}")
    if not np.isfinite(found).all():
        raise OptionError(f"values of {name} must be finite")
    return found


def unit_over_text(
    unit: str,
    tokens: Sequence[tuple[str, int, int]],
    values: Sequence[float],
    *,
    low: float,
    high: float,
) -> dict[str, Any]:
    """A unit as colour over a text, for a page to draw: darker is higher.

    Args:
        unit: its name.
        tokens: text, first character and the one after the last, of each.
        values: of the unit at each.
        low: what is white; lower values are white too.
        high: what is darkest.

    Returns:
        ``{"unit", "low", "high", "tokens": [{"text", "start", "end", "value", "color", "ink"}]}``;
        `ink` is a colour in which the token can be read on its ground.

    Raises:
        OptionError: not equally many, or `high` is not above `low`.
    """
    require_equal_lengths({"tokens": len(tokens), "values": len(values)})
    if not high > low:
        raise OptionError(f"high must be above low ({low}), was {high}")
    return {
        "unit": unit,
        "low": low,
        "high": high,
        "tokens": [
            {
                "text": text,
                "start": start,
                "end": end,
                "value": value,
                **_shade((value - low) / (high - low)),
            }
            for (text, start, end), value in zip(tokens, values, strict=True)
        ],
    }


def _shade(share: float) -> dict[str, str]:
    share = min(1.0, max(0.0, share))
    stops = [(float(str(at)), _channels(str(color))) for at, color in SHADES]
    place = next(at for at in range(1, len(stops)) if share <= stops[at][0])
    (low, before), (high, after) = stops[place - 1], stops[place]
    part = (share - low) / (high - low)
    mixed = [round(a + part * (b - a)) for a, b in zip(before, after, strict=True)]
    light = sum(weight * each for weight, each in zip((0.299, 0.587, 0.114), mixed, strict=True))
    return {
        "color": "#" + "".join(f"{each:02x}" for each in mixed),
        "ink": INK if light > 140 else FAINT,
    }


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
