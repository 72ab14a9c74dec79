"""The running prediction: what a model says after each token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vartai.errors import OptionError
from vartai.figures.figure import (
    LINES,
    SHADES,
    Figure,
    line_trace,
    page_layout,
    require_equal_lengths,
    share_axis,
    titled_axis,
)
from vartai.figures.tokens import escaped, places, shown, token_axis

# With more tokens than these the likeliest labels are told by hovering, not written.
MOST_WRITTEN = 40
_DIGITS = 4
_HOVER = "%{x}<br>%{y}<br>%{z:.1%}<extra></extra>"


def running_prediction(
    *,
    probabilities: NDArray[np.floating[Any]],
    labels: Sequence[str],
    tokens: Sequence[str],
    title: str = "Running prediction",
) -> Figure:
    """Probability of each label after each token: lines for few labels, a heat map for many.

    Args:
        probabilities: ``[T, K]``. NaN where nothing was read: a gap.
        labels: K names.
        tokens: T of them, as they stand.
        title: of the figure.

    Raises:
        OptionError: numbers that do not belong together.
    """
    _require(probabilities, len(tokens), len(labels))
    layout = page_layout(title, height=480 if len(labels) <= len(LINES) else 220 + 24 * len(labels))
    layout["xaxis"] = {**titled_axis("token"), **token_axis(tokens)}
    columns = [_with_gaps(column) for column in probabilities.T]
    if len(labels) > len(LINES):
        layout["yaxis"] = {**titled_axis("label"), "type": "category", "autorange": "reversed"}
        return {"data": [_shades(tokens, [escaped(name) for name in labels], columns)]} | {
            "layout": layout
        }
    layout["yaxis"] = share_axis("probability")
    data = []
    for style, (name, column) in enumerate(zip(labels, columns, strict=True)):
        line = line_trace(escaped(name), range(len(tokens)), column, style=style)
        # Beginnings that were left out are no gap in what the model thinks.
        data.append({**line, "x": places(tokens), "connectgaps": True})
    return {"data": data, "layout": layout}


def likeliest(
    *,
    probabilities: NDArray[np.floating[Any]],
    names: Sequence[Sequence[str]],
    tokens: Sequence[str],
    title: str = "What may come next",
) -> Figure:
    """The likeliest labels after each token, the first above; darker is likelier.

    Args:
        probabilities: ``[T, K]``.
        names: for each token K names, likeliest first.
        tokens: T of them, as they stand.
        title: of the figure.

    Raises:
        OptionError: numbers that do not belong together.
    """
    require_equal_lengths({"tokens": len(tokens), "rows of names": len(names)})
    ranks = probabilities.shape[1] if probabilities.ndim == 2 else 0
    _require(probabilities, len(tokens), ranks)
    for row in names:
        require_equal_lengths({"columns of probabilities": ranks, "names of a row": len(row)})
    columns = [_with_gaps(column) for column in probabilities.T]
    trace = _shades(tokens, [f"{rank}." for rank in range(1, ranks + 1)], columns)
    trace["text"] = [[shown(row[rank]) for row in names] for rank in range(ranks)]
    trace["hovertemplate"] = "after %{x}<br>%{y} %{text}<br>%{z:.1%}<extra></extra>"
    if len(tokens) <= MOST_WRITTEN:
        trace["texttemplate"] = "%{text}"
    layout = page_layout(title, height=260 + 36 * ranks)
    layout["xaxis"] = {**titled_axis("after the token"), **token_axis(tokens)}
    layout["yaxis"] = {**titled_axis("rank"), "type": "category", "autorange": "reversed"}
    return {"data": [trace], "layout": layout}


def _shades(
    tokens: Sequence[str], names: Sequence[str], columns: list[list[float | None]]
) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "x": places(tokens),
        "y": list(names),
        "z": columns,
        "zmin": 0,
        "zmax": 1,
        "xgap": 1,
        "ygap": 1,
        "colorscale": SHADES,
        "colorbar": {"title": {"text": "probability"}},
        "hovertemplate": _HOVER,
    }


def _with_gaps(column: NDArray[np.floating[Any]]) -> list[float | None]:
    rounded = column.astype(np.float64).round(_DIGITS).tolist()
    return [None if value != value else value for value in rounded]


def _require(probabilities: NDArray[np.floating[Any]], tokens: int, labels: int) -> None:
    if probabilities.shape != (tokens, labels) or probabilities.size == 0:
        raise OptionError(
            f"a running prediction needs numbers [{tokens} tokens, {labels} labels], found "
            f"{list(probabilities.shape)}"
        )
