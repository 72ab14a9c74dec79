"""A trained captioner judged by pictures it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vartai.data.captions import CaptionedPictures
from vartai.tasks.caption.examples import captions_of
from vartai.tasks.caption.problem import caption_loss
from vartai.tasks.caption.scores import CaptionScores, caption_chrf, is_exact, score_captions
from vartai.tasks.caption.task import Caption, CaptionTask


@dataclass(frozen=True)
class Evaluation:
    """How good it is.

    Args:
        scores: BLEU, chrF and exactness of its captions, signed.
        loss: nats a word, ends included, when it is told all words before.
        captions: of the pictures, in their order.
        cut: how many had to be ended.
    """

    scores: CaptionScores
    loss: float
    captions: list[Caption]
    cut: int


@dataclass(frozen=True)
class Judged:
    """One picture and what was written about it.

    Args:
        line: of the picture's first row, from 1.
        image: as its table names it.
        references: its captions, as given.
        caption: as written.
        chrf: of this caption, from 0 to 100.
        log_probability: of the caption, by the model, in nats.
        cut: it had not ended when it had as many words as were allowed.
    """

    line: int
    image: str
    references: list[str]
    caption: str
    chrf: float
    log_probability: float
    cut: bool


def evaluate(task: CaptionTask, examples: CaptionedPictures) -> Evaluation:
    """Caption and score."""
    captions = task.caption(examples.inputs)
    return Evaluation(
        scores=score_captions([one.text for one in captions], captions_of(examples)),
        loss=caption_loss(task.model, task.store(examples)),
        captions=captions,
        cut=sum(one.cut for one in captions),
    )


def worst_first(examples: CaptionedPictures, captions: Sequence[Caption]) -> list[Judged]:
    """Every caption that is not one of its references, the one least like them first."""
    judged = [
        Judged(
            line=item.line,
            image=item.image,
            references=list(item.captions),
            caption=made.text,
            chrf=caption_chrf(made.text, item.captions),
            log_probability=made.log_probability,
            cut=made.cut,
        )
        for item, made in zip(examples.items, captions, strict=True)
        if not is_exact(made.text, item.captions)
    ]
    return sorted(judged, key=lambda one: (one.chrf, one.line))
