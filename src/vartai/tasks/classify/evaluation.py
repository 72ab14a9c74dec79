"""A trained classifier on labelled texts: all that is worth knowing, as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vartai.data.examples import Examples
from vartai.data.shuffle import shuffle_words
from vartai.errors import InputError
from vartai.tasks.classify.blend import log_loss, probabilities
from vartai.tasks.classify.metrics import (
    Calibration,
    ClassScore,
    calibration,
    class_scores,
    confusion,
    decide,
    indicators,
    macro_f1,
    right,
)
from vartai.tasks.classify.task import ClassifyTask

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Scores of a classifier on a set of texts.

    Args:
        accuracy: share of texts predicted exactly right.
        macro_f1: mean of the classes' F1.
        loss: mean nats a text.
        classes: precision, recall and F1 of each class.
        confusion: ``[classes, classes]`` texts by true and predicted class; None where a text can
            have several labels.
        calibration: whether confidence means accuracy.
        probabilities: ``[texts, classes]``.
        correct: ``[texts]``.
    """

    accuracy: float
    macro_f1: float
    loss: float
    classes: list[ClassScore]
    confusion: Ints | None
    calibration: Calibration
    probabilities: Floats
    correct: Bools


@dataclass(frozen=True)
class WrongPrediction:
    """A text predicted wrong, with the confidence (probability) of what was predicted."""

    line: int
    text: str
    label: tuple[str, ...]
    predicted: tuple[str, ...]
    confidence: float


def evaluate(task: ClassifyTask, examples: Examples) -> Evaluation:
    """Score a classifier on labelled texts.

    Raises:
        InputError: no texts, or a label that the model does not know.
    """
    if not examples.texts:
        raise InputError("expected at least one labelled text, found none", file=examples.file)
    require_known_labels(examples, task.labels)
    return evaluate_scores(task, examples, task.scores(examples.texts))


def evaluate_scores(task: ClassifyTask, examples: Examples, scores: Floats) -> Evaluation:
    """As `evaluate`, where the class scores ``[texts, classes]`` are there already."""
    truth = indicators(examples.labels, task.labels)
    shares = probabilities(scores, multilabel=task.multilabel)
    chosen = decide(shares, multilabel=task.multilabel)
    correct = right(chosen, truth)
    return Evaluation(
        accuracy=float(correct.mean()),
        macro_f1=macro_f1(chosen, truth),
        loss=log_loss(scores, truth, multilabel=task.multilabel),
        classes=class_scores(chosen, truth, task.labels),
        confusion=None if task.multilabel else confusion(chosen, truth),
        calibration=calibration(_confidence(shares, chosen, task), correct),
        probabilities=shares,
        correct=correct,
    )


def shuffled_accuracy(task: ClassifyTask, examples: Examples, *, seed: int) -> float:
    """Accuracy with the words of each text in random order: what is left without order."""
    return evaluate(task, with_words_shuffled(examples, seed=seed)).accuracy


def with_words_shuffled(examples: Examples, *, seed: int) -> Examples:
    """The same texts with the words of each in random order."""
    random = np.random.default_rng(seed)
    texts = [shuffle_words(text, random) for text in examples.texts]
    return replace(examples, texts=texts)


def wrong_predictions(
    task: ClassifyTask, examples: Examples, evaluation: Evaluation
) -> Iterator[WrongPrediction]:
    """The texts predicted wrong, the most confident first."""
    chosen = decide(evaluation.probabilities, multilabel=task.multilabel)
    confidence = _confidence(evaluation.probabilities, chosen, task)
    wrong = np.flatnonzero(~evaluation.correct)
    for row in wrong[np.argsort(-confidence[wrong], kind="stable")]:
        names = zip(task.labels, chosen[row], strict=True)
        yield WrongPrediction(
            line=examples.lines[row],
            text=examples.texts[row],
            label=examples.labels[row],
            predicted=tuple(label for label, is_chosen in names if is_chosen),
            confidence=float(confidence[row]),
        )


def require_known_labels(examples: Examples, labels: tuple[str, ...]) -> None:
    """Refuse labels that a model does not have.

    Raises:
        InputError: names the first such label, its line, and the labels there are.
    """
    known = set(labels)
    for line, row in zip(examples.lines, examples.labels, strict=True):
        for label in row:
            if label not in known:
                raise InputError(
                    f"label {label!r} is not among the model's: {', '.join(labels)}",
                    file=examples.file,
                    line=line,
                )


def _confidence(shares: Floats, chosen: Bools, task: ClassifyTask) -> Floats:
    """``[texts]``: probability of the decision; of its least sure label if there can be several."""
    if not task.multilabel:
        return np.asarray(shares.max(1))
    return np.asarray(np.where(chosen, shares, 1 - shares).min(1))
