"""A trained translator judged by pairs it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vartai.data.parallel import Parallel
from vartai.tasks.translate.problem import pair_loss
from vartai.tasks.translate.scores import TranslationScores, score_translations, sentence_chrf
from vartai.tasks.translate.task import TranslateTask, Translation


@dataclass(frozen=True)
class Evaluation:
    """How good it is.

    Args:
        scores: BLEU and chrF of its translations, signed.
        loss: nats a target token, ends included, when it is told all tokens before.
        translations: of the pairs, in their order.
        cut: how many had to be ended.
    """

    scores: TranslationScores
    loss: float
    translations: list[Translation]
    cut: int


@dataclass(frozen=True)
class Judged:
    """One pair and what was made of it.

    Args:
        line: of the pair, from 1.
        source: text.
        reference: its translation, as given.
        translation: as written.
        chrf: of this translation, from 0 to 100.
        log_probability: of the translation, by the model, in nats.
        cut: it had not ended when it had as many tokens as were allowed.
    """

    line: int
    source: str
    reference: str
    translation: str
    chrf: float
    log_probability: float
    cut: bool


def evaluate(task: TranslateTask, pairs: Parallel) -> Evaluation:
    """Translate and score."""
    translations = task.translate(pairs.sources)
    return Evaluation(
        scores=score_translations([one.text for one in translations], pairs.targets),
        loss=pair_loss(task.model, task.store(pairs.sources, pairs.targets)),
        translations=translations,
        cut=sum(one.cut for one in translations),
    )


def worst_first(pairs: Parallel, translations: Sequence[Translation]) -> list[Judged]:
    """Every translation that is not its reference, the one least like it first."""
    judged = [
        Judged(
            line=line,
            source=source,
            reference=reference,
            translation=made.text,
            chrf=sentence_chrf(made.text, reference),
            log_probability=made.log_probability,
            cut=made.cut,
        )
        for line, source, reference, made in zip(
            pairs.lines, pairs.sources, pairs.targets, translations, strict=True
        )
        if made.text != reference
    ]
    return sorted(judged, key=lambda one: (one.chrf, one.line))
