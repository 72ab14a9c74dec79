"""Which spans of tokens count as right: answers in code points, as the tokens stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.data.questions.question import Question
from vartai.models.span_scores import SpanTargets
from vartai.tasks.answer.texts import SpanTexts

Ids = NDArray[np.int64]
Spans = list[tuple[int, int]]


@dataclass(frozen=True)
class Located:
    """What can be learned from each question.

    Args:
        spans: first and last token of every right answer; empty for no answer, and for a question
            whose answers are all too long.
        too_long: ``[questions]``, bool. Every answer has too many tokens to be given.
        inside_tokens: answers that begin or end within a token, and are read as whole tokens.
    """

    spans: list[Spans]
    too_long: NDArray[np.bool_]
    inside_tokens: int


def locate_spans(questions: Sequence[Question], texts: SpanTexts, *, longest: int) -> Located:
    """The tokens of each question's answers, every place at which one may stand.

    Args:
        questions: with answers.
        texts: the same as the model reads them.
        longest: most tokens of an answer.
    """
    spans: list[Spans] = []
    too_long = np.zeros(len(questions), dtype=bool)
    inside = 0
    for place, question in enumerate(questions):
        offsets = texts.context(place).offsets
        own: set[tuple[int, int]] = set()
        for answer in question.answers:
            for start in answer.starts:
                end = start + len(answer.text)
                first, last = _tokens(offsets, start, end)
                whole = first <= last and (offsets[first, 0], offsets[last, 1]) == (start, end)
                inside += not whole
                if 0 <= last - first < longest:
                    own.add((first, last))
        spans.append(sorted(own))
        too_long[place] = bool(question.answers) and not own
    return Located(spans, too_long, inside)


def gather_targets(located: Located, chosen: Ids, offsets: Ids) -> SpanTargets:
    """The targets of a batch.

    Args:
        located: of all questions.
        chosen: those of the batch.
        offsets: ``[B]``. Row of the batch at which each passage begins.
    """
    rows = [
        (number, offset + first, offset + last)
        for number, (place, offset) in enumerate(
            zip(chosen.tolist(), offsets.tolist(), strict=True)
        )
        for first, last in located.spans[place]
    ]
    columns = torch.tensor(rows, dtype=torch.int64).reshape(-1, 3)
    none = torch.tensor([not located.spans[place] for place in chosen.tolist()], dtype=torch.bool)
    return SpanTargets(columns[:, 0], columns[:, 1], columns[:, 2], none)


def _tokens(offsets: Ids, start: int, end: int) -> tuple[int, int]:
    """The first and the last token that share a code point with the answer."""
    first = int(np.searchsorted(offsets[:, 1], start, side="right"))
    last = int(np.searchsorted(offsets[:, 0], end, side="left")) - 1
    return first, last
