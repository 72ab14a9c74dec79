"""What the two models say: spans of contexts, or known words, each with its probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.data.batches import plan_in_order
from vartai.decoding.spans import ScoredSpan, best_spans
from vartai.models.reader import SpanReader
from vartai.models.span_scores import log_totals
from vartai.models.story_reader import StoryReader
from vartai.tasks.answer.texts import Asked, SpanTexts, StoryTexts

Floats = NDArray[np.float64]

# How much is read at once: bounds memory, whatever the number and length of the contexts.
_TOKENS, _QUESTIONS = 16_000, 256


class Reply(NamedTuple):
    """One answer.

    Attributes:
        text: of the answer; None for none.
        start: code point of the context at which it begins; None for one that is no part of it.
        end: code point before which it ends, so that ``context[start:end]`` is the text.
        confidence: its probability.
    """

    text: str | None
    start: int | None
    end: int | None
    confidence: float


@dataclass(frozen=True)
class SpanReading:
    """What a span reader says of one question, in nats.

    Args:
        spans: the best, best first; scores are log probabilities.
        none: log probability of no answer; minus infinity where there must be one.
    """

    spans: list[ScoredSpan]
    none: float

    @property
    def doubt(self) -> float:
        """How much likelier than the best span no answer is, in nats."""
        return self.none - self.spans[0].score if self.spans else np.inf


def read_spans(
    model: SpanReader, texts: SpanTexts, *, longest: int, count: int
) -> list[SpanReading]:
    """The best spans of every question, `count` at most, in order."""
    device = next(model.parameters()).device
    found: dict[int, SpanReading] = {}
    model.eval()
    with torch.inference_mode():
        for chosen in plan_in_order(texts.lengths, batch_tokens=_TOKENS, batch_size=_QUESTIONS):
            scores = model(texts.batch(chosen).to(device))
            totals = log_totals(scores, longest=longest).double().cpu().numpy()
            none = scores.none.double().cpu().numpy() - totals
            starts, ends = (
                np.split(side.double().cpu().numpy(), np.cumsum(scores.lengths.numpy())[:-1])
                for side in (scores.start, scores.end)
            )
            for row, place in enumerate(chosen.tolist()):
                spans = best_spans(
                    starts[row] - totals[row], ends[row], longest=longest, count=count
                )
                found[place] = SpanReading(spans, float(none[row]))
    return [found[place] for place in range(len(texts))]


def read_words(model: StoryReader, texts: StoryTexts) -> Floats:
    """Log probabilities ``[questions, answers]``."""
    device = model.output.weight.device
    scores = torch.zeros(len(texts), model.output.out_features)
    model.eval()
    with torch.inference_mode():
        for chosen in plan_in_order(texts.lengths, batch_tokens=_TOKENS, batch_size=_QUESTIONS):
            batch = texts.batch(chosen).to(device)
            scores[torch.from_numpy(chosen)] = model(batch).float().cpu()
    return torch.log_softmax(scores.double(), dim=1).numpy()


def span_replies(
    readings: Sequence[SpanReading],
    texts: SpanTexts,
    asked: Sequence[Asked],
    *,
    threshold: float,
    count: int,
) -> list[list[Reply]]:
    """Readings as parts of the contexts, the chosen one first.

    Args:
        readings: of the questions.
        texts: the same as the model read them.
        asked: the questions.
        threshold: in nats; there is no answer where `SpanReading.doubt` is larger.
        count: most replies to one question.
    """
    made = []
    for place, reading in enumerate(readings):
        offsets = texts.context(place).offsets
        replies = [_part(asked[place].context, offsets, span) for span in reading.spans]
        nothing = Reply(None, None, None, float(np.exp(reading.none)))
        if reading.doubt > threshold:
            replies.insert(0, nothing)
        elif reading.none > -np.inf:
            behind = [reply.confidence >= nothing.confidence for reply in replies]
            # The chosen one stays first, however sure "none" is.
            replies.insert(max(1, sum(behind)), nothing)
        made.append(replies[:count])
    return made


def word_replies(scores: Floats, answers: Sequence[str], *, count: int) -> list[list[Reply]]:
    """The likeliest known words of each question, likeliest first."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    return [
        [Reply(answers[at], None, None, float(np.exp(row[at]))) for at in best]
        for row, best in zip(scores, order.tolist(), strict=True)
    ]


def _part(context: str, offsets: NDArray[np.int64], span: ScoredSpan) -> Reply:
    start, end = int(offsets[span.first, 0]), int(offsets[span.last, 1])
    return Reply(context[start:end], start, end, float(np.exp(span.score)))
