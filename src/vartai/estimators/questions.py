"""Contexts, questions and answers as a caller gives them: checked, each by its position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vartai.data.checks import FieldError, read_field
from vartai.data.questions.question import SPAN, Answer, Question, Questions
from vartai.data.questions.spans import locate_answer
from vartai.errors import InputError
from vartai.estimators.columns import read_column, require_same_length


def read_pairs(values: object, *, name: str, max_characters: int) -> list[tuple[str, str]]:
    """Pairs of a context and a question.

    Raises:
        InputError: there is none, or one is not a pair of texts; names its position.
    """
    if isinstance(values, str | bytes) or not isinstance(values, Sequence):
        values = read_column(values, name=name)
    rows: list[Any] = list(values)
    if not rows:
        raise InputError(f"{name}: expected at least one question, found none (0 samples)")
    return [_pair(row, f"{name}[{place}]", max_characters) for place, row in enumerate(rows)]


def read_answered(
    values: object, answers: object, *, kind: str, names: tuple[str, str], max_characters: int
) -> Questions:
    """Pairs with their answers.

    Args:
        values: pairs of a context and a question.
        answers: of each: a text; with kind span also a text and its start, a list of several right
            answers, or None where the context has no answer.
        kind: span or word.
        names: of these two arguments, for messages.
        max_characters: longest context or question.

    Raises:
        InputError: pairs or answers are not what was expected; names the position.
    """
    pairs = read_pairs(values, name=names[0], max_characters=max_characters)
    if isinstance(answers, str | bytes) or not isinstance(answers, Sequence):
        answers = read_column(answers, name=names[1])
    given: list[Any] = list(answers)
    require_same_length(pairs, given, name=names[1])
    items = []
    for place, ((context, text), answer) in enumerate(zip(pairs, given, strict=True)):
        found = _answers(context, answer, kind=kind, place=f"{names[1]}[{place}]")
        items.append(Question(place + 1, "", context, context, text, found))
    return Questions(names[0], kind, items)


def _pair(row: object, place: str, max_characters: int) -> tuple[str, str]:
    if isinstance(row, str | bytes) or not isinstance(row, Sequence) or len(row) != 2:
        raise InputError(f"{place}: expected a context and a question, found {row!r:.60}")
    try:
        context, question = (
            read_field(value, name, max_characters=max_characters)
            for value, name in zip(row, ("context", "question"), strict=True)
        )
    except FieldError as error:
        raise InputError(f"{place}, {error.column}: {error.fault.detail}") from error
    return context, question


def _answers(context: str, answer: object, *, kind: str, place: str) -> tuple[Answer, ...]:
    try:
        if kind != SPAN:
            return (Answer(read_field(answer, "answer", max_characters=len(context) + 1000), ()),)
        if answer is None:
            return ()
        several = answer if isinstance(answer, list) else [answer]
        return tuple(_located(context, each) for each in several)
    except FieldError as error:
        raise InputError(f"{place}: {error.fault.detail}") from error


def _located(context: str, answer: object) -> Answer:
    text, start = answer if isinstance(answer, tuple) and len(answer) == 2 else (answer, None)
    checked = read_field(text, "answer", max_characters=len(context) + 1000)
    return locate_answer(context, checked, start, column="answer")
