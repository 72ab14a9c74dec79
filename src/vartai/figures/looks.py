"""Where a picture was looked at, word by word: the picture once a word, darker where it was not.

Darkness reads the same in print and to every eye. Each word is on a scale of its own, from nothing
to the most that any place of it got, for attention over many places is thin everywhere; hovering
tells the shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vartai.errors import OptionError
from vartai.figures.figure import INK, Figure, page_layout, require_equal_lengths
from vartai.figures.png import png_address
from vartai.figures.tokens import escaped

END = "(end)"
DARKEST = 0.8
"""How much of the light is taken from a place that was not looked at."""

_COLUMNS = 6
_TILE = 170
_DIGITS = 4


def attended_picture(
    *,
    picture: NDArray[np.uint8],
    words: Sequence[str],
    weights: NDArray[np.floating[Any]],
    title: str = "Where each word was looked for",
) -> Figure:
    """One picture with the attention of each word laid over it.

    Args:
        picture: ``[3, S, S]``, RGB.
        words: W; an empty one is the end.
        weights: ``[W, L]``, shares of L places, row by row from the top left; L is a square.
        title: of the figure.

    Raises:
        OptionError: numbers that do not belong together, none, or places in no square.
    """
    grids = require_square(words, weights)
    columns = min(_COLUMNS, len(words))
    rows = -(-len(words) // columns)
    layout = page_layout(title, height=110 + rows * (_TILE + 40))
    layout["margin"] = {"l": 10, "r": 10, "t": 60, "b": 10}
    layout["images"], layout["annotations"], data = [], [], []
    source = png_address(picture)
    for place, (word, grid) in enumerate(zip(words, grids, strict=True)):
        row, column = divmod(place, columns)
        name = "" if place == 0 else str(place + 1)
        data.append(_veil(grid, said(word), name))
        layout[f"xaxis{name}"], layout[f"yaxis{name}"] = _axes(
            name, len(grid), (column, columns), (row, rows)
        )
        layout["images"].append(_below(source, name, len(grid)))
        layout["annotations"].append(_under(said(word), name, len(grid)))
    return {"data": data, "layout": layout}


def require_square(
    words: Sequence[str], weights: NDArray[np.floating[Any]]
) -> NDArray[np.floating[Any]]:
    """Weights ``[W, L]`` as ``[W, side, side]``.

    Raises:
        OptionError: numbers that do not belong together, none, or places in no square.
    """
    if weights.ndim != 2 or weights.size == 0:
        raise OptionError(f"expected weights [words, places], found {list(weights.shape)}")
    require_equal_lengths({"words": len(words), "rows of weights": len(weights)})
    side = round(weights.shape[1] ** 0.5)
    if side * side != weights.shape[1]:
        raise OptionError(
            f"{weights.shape[1]} places lie in no square: there is nothing to draw on"
        )
    if not np.isfinite(weights).all() or weights.min() < 0:
        raise OptionError("weights of attention must be finite and not below zero")
    return weights.reshape(len(words), side, side)


def said(word: str) -> str:
    """A word as it is written under its picture."""
    return word or END


def _veil(grid: NDArray[np.floating[Any]], word: str, name: str) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "z": grid.astype(np.float64).round(_DIGITS).tolist(),
        "zmin": 0,
        "zmax": round(float(grid.max()), _DIGITS) or 1.0,
        "colorscale": [[0, f"rgba(0,0,0,{DARKEST})"], [1, "rgba(0,0,0,0)"]],
        "showscale": False,
        "xaxis": f"x{name}",
        "yaxis": f"y{name}",
        "hovertemplate": f"{escaped(word)}<br>%{{z:.1%}}<extra></extra>",
    }


def _axes(
    name: str, side: int, across: tuple[int, int], down: tuple[int, int]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A tile's two axes, without a line: from the first place's outer edge to the last one's."""
    (column, columns), (row, rows) = across, down
    bare = {"visible": False, "fixedrange": True}
    x = {
        **bare,
        "domain": [(column + 0.03) / columns, (column + 0.97) / columns],
        "range": [-0.5, side - 0.5],
        "anchor": f"y{name}",
    }
    y = {
        **bare,
        "domain": [1 - (row + 0.82) / rows, 1 - (row + 0.02) / rows],
        "range": [side - 0.5, -0.5],
        "anchor": f"x{name}",
        "scaleanchor": f"x{name}",
        "constrain": "domain",
        "constraintoward": "top",
    }
    return x, y


def _below(source: str, name: str, side: int) -> dict[str, Any]:
    """The picture itself, under its veil."""
    return {
        "source": source,
        "xref": f"x{name}",
        "yref": f"y{name}",
        "x": -0.5,
        "y": -0.5,
        "sizex": side,
        "sizey": side,
        "sizing": "stretch",
        "layer": "below",
    }


def _under(word: str, name: str, side: int) -> dict[str, Any]:
    return {
        "text": escaped(word),
        "xref": f"x{name}",
        "yref": f"y{name}",
        "x": (side - 1) / 2,
        "y": side - 0.5,
        "yanchor": "top",
        "showarrow": False,
        "font": {"size": 15, "color": INK},
    }
