"""Which labels were predicted for which: a confusion matrix as a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vartai.errors import OptionError
from vartai.figures.figure import (
    INK,
    SHADES,
    Figure,
    page_layout,
    require_equal_lengths,
    titled_axis,
)

# Beyond this many labels the counts would not be legible; hovering still shows them.
MOST_WRITTEN = 25
# Shares above this lie on a shade too dark for dark writing.
DARK_SHADE = 0.55


def confusion_matrix(
    *,
    counts: Sequence[Sequence[int]],
    labels: Sequence[str],
    title: str = "Confusion matrix",
) -> Figure:
    """Rows are true labels, columns are predicted ones; the shade is the share of the row.

    Shares rather than counts are shaded, so that a rare label is as readable as a common one.

    Args:
        counts: ``[labels, labels]``. How many texts of the row's label were given the column's.
        labels: names, in the order of both axes.
        title: of the figure.

    Raises:
        OptionError: `counts` is not square with one row for each label, or has a negative count.
    """
    rows = [[int(count) for count in row] for row in counts]
    require_equal_lengths({"labels": len(labels), "rows of counts": len(rows)})
    for label, row in zip(labels, rows, strict=True):
        require_equal_lengths({"labels": len(labels), f"columns of {label!r}": len(row)})
        if min(row) < 0:
            raise OptionError(f"counts of {label!r} must not be negative, found {min(row)}")
    shares = [[count / max(sum(row), 1) for count in row] for row in rows]
    layout = page_layout(title, height=max(420, 190 + 34 * len(labels)))
    places = list(range(len(labels)))
    named = {
        "tickmode": "array",
        "tickvals": places,
        "ticktext": [_escaped(label) for label in labels],
        "showgrid": False,
    }
    layout["xaxis"] = {**titled_axis("predicted label"), **named}
    layout["yaxis"] = {**titled_axis("true label"), **named, "autorange": "reversed"}
    layout["annotations"] = _writing(rows, shares) if len(labels) <= MOST_WRITTEN else []
    return {"data": [_heat_map(rows, shares, labels)], "layout": layout}


def _heat_map(
    rows: list[list[int]], shares: list[list[float]], labels: Sequence[str]
) -> dict[str, Any]:
    names = [_escaped(label) for label in labels]
    hover = [
        [
            f"true {true}<br>predicted {predicted}<br>{count:,} texts"
            for predicted, count in zip(names, row, strict=True)
        ]
        for true, row in zip(names, rows, strict=True)
    ]
    # Axes of places, not of names: Plotly would take the labels "1" and "01" for one number.
    return {
        "type": "heatmap",
        "x": list(range(len(labels))),
        "y": list(range(len(labels))),
        "z": shares,
        "customdata": rows,
        "text": hover,
        "hovertemplate": "%{text}<br>%{z:.1%} of the true label<extra></extra>",
        "zmin": 0,
        "zmax": 1,
        "xgap": 1,
        "ygap": 1,
        "colorscale": SHADES,
        "colorbar": {"title": {"text": "share of the true label"}, "tickformat": ".0%"},
    }


def _writing(rows: list[list[int]], shares: list[list[float]]) -> list[dict[str, Any]]:
    return [
        {
            "x": column,
            "y": row,
            "text": f"{count:,}",
            "showarrow": False,
            "font": {"color": "#ffffff" if shares[row][column] > DARK_SHADE else INK},
        }
        for row, row_counts in enumerate(rows)
        for column, count in enumerate(row_counts)
    ]


def _escaped(label: str) -> str:
    """Plotly reads a small part of HTML in its texts; a label is shown as it is."""
    return label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
