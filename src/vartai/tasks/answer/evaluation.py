"""A trained model on questions with known answers: all that is worth knowing, as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vartai.data.questions.question import SPAN, Questions
from vartai.errors import InputError
from vartai.tasks.answer.problem import asked_of
from vartai.tasks.answer.replies import Reply
from vartai.tasks.answer.scores import (
    SpanScore,
    right_texts,
    span_score,
    span_values,
    word_values,
)
from vartai.tasks.answer.task import AnswerTask

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Judged:
    """Answers to a set of questions, judged.

    Args:
        kind: of the answers.
        exact: ``[questions]``: 1 where the answer is exactly right.
        spans: scores of answers that are parts of their contexts; None of words.
    """

    kind: str
    exact: Floats
    spans: SpanScore | None

    @property
    def value(self) -> float:
        """What models are compared by: F1 of spans, accuracy of words."""
        return self.spans.all.f1 if self.spans is not None else float(self.exact.mean())

    def as_mapping(self) -> dict[str, Any]:
        """JSON values: ``exact_match`` and ``f1`` of spans with their parts; ``accuracy``."""
        if self.spans is None:
            return {"accuracy": float(self.exact.mean()), "questions": len(self.exact)}
        parts = {
            name: None if part is None else asdict(part)
            for name, part in (
                ("with_answer", self.spans.with_answer),
                ("without_answer", self.spans.without_answer),
            )
        }
        return {**asdict(self.spans.all), **parts}


@dataclass(frozen=True)
class WrongAnswer:
    """A question that was answered wrong, with the confidence of what was given."""

    line: int
    id: str
    question: str
    right: list[str]
    given: str | None
    confidence: float


def judge_answers(given: Sequence[str | None], questions: Questions) -> Judged:
    """Judge answers, one a question; None for no answer.

    Raises:
        InputError: there are no questions.
    """
    if not len(questions):
        raise InputError("expected at least one question, found none", file=questions.file)
    right = right_texts(questions)
    if questions.kind != SPAN:
        return Judged(questions.kind, word_values(given, right), None)
    values = span_values(given, right)
    return Judged(questions.kind, values.exact, span_score(values, right))


def answer_all(task: AnswerTask, questions: Questions) -> list[Reply]:
    """The model's answer to each question.

    Raises:
        InputError: the questions want answers of another kind.
    """
    if questions.kind != task.kind:
        raise InputError(
            f"answers are of kind {questions.kind}, the model's of kind {task.kind}",
            file=questions.file,
        )
    return [replies[0] for replies in task.replies(asked_of(questions))]


def wrong_answers(
    questions: Questions, replies: Sequence[Reply], judged: Judged
) -> Iterator[WrongAnswer]:
    """The questions answered wrong, the most confident first."""
    wrong = np.flatnonzero(judged.exact < 1)
    confidence = np.array([replies[place].confidence for place in wrong.tolist()])
    for place in wrong[np.argsort(-confidence, kind="stable")].tolist():
        item, reply = questions.items[place], replies[place]
        yield WrongAnswer(
            line=item.line,
            id=item.id,
            question=item.text,
            right=[answer.text for answer in item.answers],
            given=reply.text,
            confidence=reply.confidence,
        )
