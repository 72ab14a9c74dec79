"""How sure of "no answer" a model must be before it gives none: what F1 on held-out questions says.

Source: Rajpurkar et al. 2018, section 5: the threshold is tuned on the development set.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vartai.tasks.answer.replies import SpanReading, span_replies
from vartai.tasks.answer.scores import Right, span_values
from vartai.tasks.answer.texts import Asked, SpanTexts


def choose_threshold(
    readings: Sequence[SpanReading], texts: SpanTexts, asked: Sequence[Asked], right: Right
) -> float:
    """The threshold with the highest mean F1; of equally good ones the one nearest to 0.

    Args:
        readings: of the questions.
        texts: the same as the model read them.
        asked: the questions.
        right: the right answers of each.

    Returns:
        Nats; 0 where no question can be without answer.
    """
    doubts = np.array([reading.doubt for reading in readings])
    if not len(doubts) or not np.isfinite(doubts).any():
        return 0.0
    spans = span_replies(readings, texts, asked, threshold=np.inf, count=1)
    as_span = span_values([replies[0].text for replies in spans], right).f1
    as_none = span_values([None] * len(right), right).f1
    order = np.argsort(doubts, kind="stable")
    sorted_doubts = doubts[order]
    # Mean F1 if the first k questions, by rising doubt, are answered and the others are not.
    gains = np.concatenate([[0.0], np.cumsum((as_span - as_none)[order])])
    cuts = np.concatenate(
        [
            [sorted_doubts[0] - 1.0],
            (sorted_doubts[1:] + sorted_doubts[:-1]) / 2,
            [sorted_doubts[-1] + 1.0],
        ]
    )
    between = np.concatenate([[True], sorted_doubts[1:] > sorted_doubts[:-1], [True]])
    usable = np.flatnonzero(between & np.isfinite(cuts))
    best = usable[gains[usable] >= gains[usable].max() - 1e-12]
    return float(cuts[best[np.abs(cuts[best]).argmin()]])
