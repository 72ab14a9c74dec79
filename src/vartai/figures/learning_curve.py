"""How loss and score went while a model was trained."""

from __future__ import annotations

from collections.abc import Sequence

from vartai.errors import OptionError
from vartai.figures.figure import (
    FAINT,
    INK,
    Figure,
    line_trace,
    page_layout,
    require_equal_lengths,
    titled_axis,
)

Values = Sequence[float | None]


def learning_curve(
    *,
    passes: Sequence[float],
    train_loss: Values,
    valid_loss: Values,
    valid_score: Values,
    score_name: str = "accuracy",
    best: int | None = None,
    title: str = "Learning curve",
) -> Figure:
    """Two panels over the same passes: the losses above, the validation score below.

    Two panels rather than two scales in one, since where lines of two scales cross means nothing.

    Args:
        passes: ``[n]``. When each was measured, in passes over the training data.
        train_loss: ``[n]``. Mean loss of a training text, in nats. None where not measured.
        valid_loss: ``[n]``. The same over the validation texts.
        valid_score: ``[n]``. Score on the validation texts, from 0 to 1.
        score_name: what that score is.
        best: position of the measurement whose weights were kept, marked in both panels.
        title: of the figure.

    Raises:
        OptionError: not equally many numbers, or `best` is none of them.
    """
    require_equal_lengths(
        {
            "passes": len(passes),
            "train_loss": len(train_loss),
            "valid_loss": len(valid_loss),
            "valid_score": len(valid_score),
        }
    )
    score = line_trace(f"validation {score_name}", passes, valid_score, style=2)
    layout = page_layout(title, height=620)
    layout["xaxis"] = {**titled_axis(""), "anchor": "y", "matches": "x2", "showticklabels": False}
    layout["yaxis"] = {**titled_axis("loss (nats a text)"), "domain": [0.52, 1]}
    layout["xaxis2"] = {**titled_axis("passes over the training data"), "anchor": "y2"}
    layout["yaxis2"] = {
        **titled_axis(f"{score_name} (share of texts)" if score_name == "accuracy" else score_name),
        "domain": [0, 0.46],
    }
    if best is not None:
        _mark_best(layout, passes, best)
    return {
        "data": [
            line_trace("training loss", passes, train_loss, style=0),
            line_trace("validation loss", passes, valid_loss, style=1),
            {**score, "xaxis": "x2", "yaxis": "y2"},
        ],
        "layout": layout,
    }


def _mark_best(layout: Figure, passes: Sequence[float], best: int) -> None:
    if not 0 <= best < len(passes):
        raise OptionError(f"best must be one of {len(passes)} measurements, was {best}")
    at = passes[best]
    layout["shapes"] = [
        {
            "type": "line",
            "xref": "x2",
            "yref": "paper",
            "x0": at,
            "x1": at,
            "y0": 0,
            "y1": 1,
            "layer": "below",
            "line": {"color": FAINT, "width": 6},
        }
    ]
    layout["annotations"] = [
        {
            "xref": "x2",
            "yref": "paper",
            "x": at,
            "y": 0.49,
            "text": "kept",
            "showarrow": False,
            "font": {"color": INK, "size": 12},
        }
    ]
