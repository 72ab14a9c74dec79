"""What each word did to a prediction: colours over the text by method, bars, and two texts abreast.

Numbers are nats of a margin: above zero a word speaks for the label, below it against. Bars that
speak against are hatched, and the scale of colours differs in lightness too, so that print tells
them apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from vartai.errors import OptionError
from vartai.figures.figure import (
    INK,
    LINES,
    Figure,
    page_layout,
    require_equal_lengths,
    titled_axis,
)
from vartai.figures.heat_map import SIGNED
from vartai.figures.tokens import escaped, places, token_axis

# With more tokens than these words and numbers are told by hovering, not written.
MOST_WRITTEN = 30
_DIGITS = 4
# Shares of a method's largest effect below this lie on a shade too dark for dark writing.
_DARK = -0.3

Effects = Sequence[float | None]
"""One number a token; None where a method says nothing of it."""


class Bars(NamedTuple):
    """One text of a pair.

    Args:
        tokens: T of them, as they stand.
        effects: T, in nats.
        title: such as the label and its probability.
    """

    tokens: Sequence[str]
    effects: Effects
    title: str


def word_colours(
    *, tokens: Sequence[str], effects: Mapping[str, Effects], title: str = "What each word did"
) -> Figure:
    """A row of coloured words for each method, each on a scale of its own; hovering tells nats.

    Args:
        tokens: T of them, as they stand.
        effects: T by method; at least one method.
        title: of the figure.

    Raises:
        OptionError: numbers that do not belong together, no token or no method.
    """
    _require(tokens, effects)
    names = list(effects)
    rows = [_rounded(effects[name]) for name in names]
    largest = [max((abs(value) for value in row if value is not None), default=0.0) for row in rows]
    shades = [
        [None if value is None else round(value / (most or 1.0), _DIGITS) for value in row]
        for row, most in zip(rows, largest, strict=True)
    ]
    trace = {
        "type": "heatmap",
        "x": places(tokens),
        "y": [escaped(name) for name in names],
        "z": shades,
        "customdata": rows,
        "zmin": -1,
        "zmax": 1,
        "xgap": 1,
        "ygap": 3,
        "colorscale": SIGNED,
        "colorbar": {
            "title": {"text": "for the label"},
            "tickvals": [-1, 0, 1],
            "ticktext": ["most against", "nothing", "most for"],
        },
        "hovertemplate": "%{x}<br>%{y}<br>%{customdata:+.3f} nats<extra></extra>",
    }
    layout = page_layout(title, height=200 + 56 * len(names))
    layout["xaxis"] = {**titled_axis("token"), **token_axis(tokens)}
    layout["yaxis"] = {**titled_axis("method"), "type": "category", "autorange": "reversed"}
    layout["annotations"] = _writing(rows, shades) if len(tokens) <= MOST_WRITTEN else []
    return {"data": [trace], "layout": layout}


def word_bars(*, tokens: Sequence[str], effects: Effects, title: str) -> Figure:
    """A bar for each word: solid and upward for the label, hatched and downward against it.

    Args:
        tokens: T of them, as they stand.
        effects: T, in nats.
        title: of the figure.

    Raises:
        OptionError: numbers that do not belong together, or no token.
    """
    _require(tokens, {"effects": effects})
    layout = page_layout(title, height=380)
    layout["xaxis"] = {**titled_axis("token"), **token_axis(tokens)}
    layout["yaxis"] = {**titled_axis("effect, nats"), "zeroline": True, "zerolinecolor": INK}
    return {"data": [_bars(tokens, effects)], "layout": {**layout, "showlegend": False}}


def pair_bars(*, first: Bars, second: Bars, title: str) -> Figure:
    """Two texts that differ in one thing, side by side on one scale.

    Args:
        first: one text.
        second: the other.
        title: of the figure.

    Raises:
        OptionError: numbers that do not belong together, or no token.
    """
    layout: dict[str, Any] = {**page_layout(title, height=400), "showlegend": False}
    data, titles = [], []
    for side, bars, ends in (("", first, [0.0, 0.46]), ("2", second, [0.54, 1.0])):
        _require(bars.tokens, {"effects": bars.effects})
        data.append({**_bars(bars.tokens, bars.effects), "xaxis": f"x{side}", "yaxis": f"y{side}"})
        axis = {**titled_axis("token"), **token_axis(bars.tokens, most=MOST_WRITTEN)}
        layout[f"xaxis{side}"] = {**axis, "domain": ends, "anchor": f"y{side}"}
        titles.append(
            {
                "text": escaped(bars.title),
                "x": ends[0],
                "y": 1.0,
                "xref": "paper",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "bottom",
                "showarrow": False,
            }
        )
    scale = {**titled_axis("effect, nats"), "zeroline": True, "zerolinecolor": INK}
    layout["yaxis"] = scale
    layout["yaxis2"] = {**scale, "title": {"text": ""}, "matches": "y", "anchor": "x2"}
    layout["annotations"] = titles
    return {"data": data, "layout": layout}


def _bars(tokens: Sequence[str], effects: Effects) -> dict[str, Any]:
    values = _rounded(effects)
    against = [value is not None and value < 0 for value in values]
    return {
        "type": "bar",
        "x": places(tokens),
        "y": values,
        "marker": {
            "color": [LINES[int(is_against)]["color"] for is_against in against],
            "pattern": {"shape": ["/" if is_against else "" for is_against in against]},
        },
        "hovertemplate": "%{x}<br>%{y:+.3f} nats<extra></extra>",
    }


def _writing(
    rows: Sequence[Sequence[float | None]], shades: Sequence[Sequence[float | None]]
) -> list[dict[str, Any]]:
    """The numbers in their cells, light on dark shades."""
    return [
        {
            "x": column,
            "y": row,
            "text": f"{value:+.2f}",
            "showarrow": False,
            "font": {"size": 11, "color": "#ffffff" if (shade or 0.0) < _DARK else INK},
        }
        for row, (values, shares) in enumerate(zip(rows, shades, strict=True))
        for column, (value, shade) in enumerate(zip(values, shares, strict=True))
        if value is not None
    ]


def _rounded(effects: Effects) -> list[float | None]:
    return [None if value is None else round(float(value), _DIGITS) for value in effects]


def _require(tokens: Sequence[str], effects: Mapping[str, Effects]) -> None:
    if not tokens or not effects:
        raise OptionError("a figure of words needs at least one token and one method")
    lengths = {"tokens": len(tokens)} | {name: len(row) for name, row in effects.items()}
    require_equal_lengths(lengths)
