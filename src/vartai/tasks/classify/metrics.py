"""Scores of a classifier's predictions, as readers of such tables expect them (scikit-learn)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_CALIBRATION_BINS = 10


@dataclass(frozen=True)
class ClassScore:
    """One row of the per-class table: precision, recall and F1 as shares, texts of the class."""

    label: str
    precision: float
    recall: float
    f1: float
    texts: int


def indicators(labels: Sequence[tuple[str, ...]], known: Sequence[str]) -> Bools:
    """``[texts, classes]``: which labels each text has."""
    place = {label: index for index, label in enumerate(known)}
    table = np.zeros((len(labels), len(known)), dtype=bool)
    for row, names in enumerate(labels):
        table[row, [place[name] for name in names]] = True
    return table


def decide(probabilities: Floats, *, multilabel: bool) -> Bools:
    """``[texts, classes]``: the likeliest class; each above one half if there can be several."""
    if multilabel:
        return probabilities > 0.5
    chosen = np.zeros(probabilities.shape, dtype=bool)
    chosen[np.arange(len(chosen)), probabilities.argmax(1)] = True
    return chosen


def right(chosen: Bools, truth: Bools) -> Bools:
    """``[texts]``: whether exactly the right labels were chosen."""
    return np.asarray((chosen == truth).all(1))


def macro_f1(chosen: Bools, truth: Bools) -> float:
    """Mean over classes of F1; a class that neither occurs nor is predicted counts as 0."""
    return float(f1_score(truth, chosen, average="macro", zero_division=0))


def class_scores(chosen: Bools, truth: Bools, labels: Sequence[str]) -> list[ClassScore]:
    """Precision, recall and F1 of each class."""
    precision, recall, f1, texts = precision_recall_fscore_support(truth, chosen, zero_division=0)
    return [
        ClassScore(label, float(precision[k]), float(recall[k]), float(f1[k]), int(texts[k]))
        for k, label in enumerate(labels)
    ]


def confusion(chosen: Bools, truth: Bools) -> Ints:
    """``[classes, classes]``: texts by true class (row) and predicted class (column)."""
    classes = range(truth.shape[1])
    matrix = confusion_matrix(truth.argmax(1), chosen.argmax(1), labels=list(classes))
    return np.asarray(matrix, dtype=np.int64)


@dataclass(frozen=True)
class Calibration:
    """Does a confidence of 0.8 mean right in 8 of 10? Bins of equal width without the empty ones.

    Args:
        confidence: mean confidence of each bin.
        accuracy: share of each bin predicted right.
        texts: in each bin.
        error: expected calibration error, mean |confidence - accuracy| weighted by texts.
    """

    confidence: list[float]
    accuracy: list[float]
    texts: list[int]
    error: float


def calibration(confidence: Floats, correct: Bools) -> Calibration:
    """Calibration of confidences ``[texts]`` (Naeini et al. 2015), in 10 bins of equal width."""
    bins = np.minimum((confidence * _CALIBRATION_BINS).astype(int), _CALIBRATION_BINS - 1)
    used = [b for b in range(_CALIBRATION_BINS) if (bins == b).any()]
    means = [float(confidence[bins == b].mean()) for b in used]
    shares = [float(correct[bins == b].mean()) for b in used]
    texts = [int((bins == b).sum()) for b in used]
    gaps = [n * abs(c - a) for n, c, a in zip(texts, means, shares, strict=True)]
    return Calibration(means, shares, texts, sum(gaps) / max(1, len(correct)))
