"""Labels for texts that have none: one prediction a row, in order, rejected rows included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from vartai.data.examples import Example
from vartai.data.rejects import Rejection
from vartai.tasks.classify.metrics import decide
from vartai.tasks.classify.task import ClassifyTask

_DIGITS = 6


@dataclass(frozen=True)
class Prediction:
    """What a classifier says of one row.

    Args:
        line: of the row, from 1.
        text: of the row; None where it could not be read.
        label: the likeliest one; all above one half where a text can have several; None where
            there is no text.
        probabilities: of each label; None where there is no text.
        unknown: the text holds no token that the model knows, so the label says nothing.
        error: why the row could not be read.
    """

    line: int
    text: str | None
    label: str | list[str] | None
    probabilities: dict[str, float] | None
    unknown: bool
    error: str | None


def predict_items(task: ClassifyTask, items: Sequence[Example | Rejection]) -> list[Prediction]:
    """Predict rows as `vartai.data.examples.ExampleStream` gives them, one for one."""
    texts = [item.text for item in items if isinstance(item, Example)]
    predicted = iter(_predict_texts(task, texts))
    made = []
    for item in items:
        if isinstance(item, Rejection):
            error = f"{item.reason}: {item.detail}"
            made.append(Prediction(item.line, None, None, None, unknown=False, error=error))
        else:
            label, shares, unknown = next(predicted)
            made.append(Prediction(item.line, item.text, label, shares, unknown, error=None))
    return made


def prediction_schema(task: ClassifyTask) -> Any:
    """Columns of a table of predictions, for pyarrow."""
    label = pa.list_(pa.string()) if task.multilabel else pa.string()
    return pa.schema(
        [
            ("line", pa.int64()),
            ("text", pa.string()),
            ("label", label),
            ("probabilities", pa.struct([(name, pa.float64()) for name in task.labels])),
            ("unknown", pa.bool_()),
            ("error", pa.string()),
        ]
    )


def _predict_texts(
    task: ClassifyTask, texts: Sequence[str]
) -> list[tuple[str | list[str], dict[str, float], bool]]:
    if not texts:
        return []
    shares = task.probabilities(texts)
    chosen = decide(shares, multilabel=task.multilabel)
    encoded = task.tokenizer.encode_ids(texts)
    names = np.array(task.labels, dtype=object)
    made = []
    for row, ids in enumerate(encoded):
        labels = list(names[chosen[row]])
        made.append(
            (
                labels if task.multilabel else labels[0],
                {
                    name: float(f"{share:.{_DIGITS}g}")
                    for name, share in zip(task.labels, shares[row], strict=True)
                },
                bool((ids == task.tokenizer.unknown_id).all()),
            )
        )
    return made
