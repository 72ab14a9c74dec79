"""Answers to questions that have none yet: one a row, in order, rejected rows included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from vartai.data.questions.question import Question
from vartai.data.rejects import Rejection
from vartai.tasks.answer.replies import Reply
from vartai.tasks.answer.task import AnswerTask
from vartai.tasks.answer.texts import Asked

_DIGITS = 6

SCHEMA = pa.schema(
    [
        ("line", pa.int64()),
        ("id", pa.string()),
        ("question", pa.string()),
        ("answer", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("confidence", pa.float64()),
        (
            "others",
            pa.list_(
                pa.struct(
                    [
                        ("answer", pa.string()),
                        ("start", pa.int64()),
                        ("end", pa.int64()),
                        ("confidence", pa.float64()),
                    ]
                )
            ),
        ),
        ("error", pa.string()),
    ]
)
"""Columns of a table of answers, for pyarrow."""


@dataclass(frozen=True)
class AnswerRecord:
    """What a model says to one row.

    Args:
        line: of the row, from 1.
        id: the file's own name for the question, or None.
        question: of the row; None where it could not be read.
        answer: None for no answer, and where the row could not be read.
        start: code point of the context at which the answer begins; None for one that is no part.
        end: code point before which it ends.
        confidence: probability of the answer; None where the row could not be read.
        others: the answers after it.
        error: why the row could not be read.
    """

    line: int
    id: str | None
    question: str | None
    answer: str | None
    start: int | None
    end: int | None
    confidence: float | None
    others: list[dict[str, Any]]
    error: str | None


def answer_items(
    task: AnswerTask, items: Sequence[Question | Rejection], *, count: int
) -> list[AnswerRecord]:
    """Answer rows as `QuestionStream` gives them, one for one.

    Args:
        task: the model.
        items: the rows.
        count: answers to each question, at most.
    """
    asked = [Asked(item.context, item.text) for item in items if isinstance(item, Question)]
    replies = iter(task.replies(asked, count=count))
    made = []
    for item in items:
        if isinstance(item, Rejection):
            error = f"{item.reason}: {item.detail}"
            made.append(AnswerRecord(item.line, None, None, None, None, None, None, [], error))
        else:
            made.append(_record(item, next(replies)))
    return made


def _record(item: Question, replies: list[Reply]) -> AnswerRecord:
    first = replies[0]
    return AnswerRecord(
        line=item.line,
        id=item.id or None,
        question=item.text,
        answer=first.text,
        start=first.start,
        end=first.end,
        confidence=_rounded(first.confidence),
        others=[
            {
                "answer": reply.text,
                "start": reply.start,
                "end": reply.end,
                "confidence": _rounded(reply.confidence),
            }
            for reply in replies[1:]
        ],
        error=None,
    )


def _rounded(confidence: float) -> float:
    return float(f"{confidence:.{_DIGITS}g}")
