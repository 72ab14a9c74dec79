"""Answers of many questions judged: values a question, and their means by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vartai.data.questions.question import Questions
from vartai.tasks.answer.metrics import exact_match, f1_score

Floats = NDArray[np.float64]
Right = Sequence[Sequence[str]]


@dataclass(frozen=True, eq=False)
class Values:
    """Of each question, ``[questions]``."""

    exact: Floats
    f1: Floats


@dataclass(frozen=True)
class PartScore:
    """Means over some questions.

    Args:
        questions: how many.
        exact_match: share answered exactly.
        f1: mean F1 of the words.
    """

    questions: int
    exact_match: float
    f1: float


@dataclass(frozen=True)
class SpanScore:
    """Means over all questions, over those with an answer and over those without.

    A part without questions is None.
    """

    all: PartScore
    with_answer: PartScore | None
    without_answer: PartScore | None


def right_texts(questions: Questions) -> list[list[str]]:
    """The right answers of each question; none where there is no answer."""
    return [[answer.text for answer in item.answers] for item in questions.items]


def span_values(given: Sequence[str | None], right: Right) -> Values:
    """Judge answers.

    Args:
        given: one a question; None for no answer.
        right: the right ones of each.
    """
    pairs = list(zip(given, right, strict=True))
    return Values(
        np.array([exact_match(*pair) for pair in pairs], dtype=np.float64),
        np.array([f1_score(*pair) for pair in pairs], dtype=np.float64),
    )


def span_score(values: Values, right: Right) -> SpanScore:
    """Means of what `span_values` gave."""
    has = np.array([bool(answers) for answers in right], dtype=bool)
    everything = np.ones(len(has), dtype=bool)
    return SpanScore(
        all=_part(values, everything) or PartScore(0, 0.0, 0.0),
        with_answer=_part(values, has),
        without_answer=_part(values, ~has),
    )


def word_values(given: Sequence[str | None], right: Right) -> Floats:
    """``[questions]``: 1 where the answer is, to the letter, one of the right ones."""
    pairs = zip(given, right, strict=True)
    return np.array([answer in answers for answer, answers in pairs], dtype=np.float64)


def _part(values: Values, chosen: NDArray[np.bool_]) -> PartScore | None:
    count = int(chosen.sum())
    if count == 0:
        return None
    return PartScore(count, float(values.exact[chosen].mean()), float(values.f1[chosen].mean()))
