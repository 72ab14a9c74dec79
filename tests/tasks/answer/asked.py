"""Small models of both kinds, and questions for them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from vartai.data.questions.question import Questions
from vartai.tasks.answer.config import (
    AnswerConfig,
    AnswerTrainingOptions,
    ReaderOptions,
    WordOptions,
)
from vartai.tasks.answer.demo import demo_questions
from vartai.tasks.answer.fit import fit_answerer
from vartai.tasks.answer.task import AnswerTask
from vartai.training.sitting import Sitting

TINY = AnswerConfig(
    text=WordOptions(min_frequency=1),
    model=ReaderOptions(
        layers=1, hidden_size=12, embedding_size=12, character_size=5, hops=2, dropout=0.1
    ),
    training=AnswerTrainingOptions(
        epochs=2, learning_rate=0.01, batch_size=16, device="cpu", threads=1, warmup=5
    ),
)


def training(**changes: object) -> AnswerConfig:
    """The tiny configuration with some of its training changed."""
    return replace(TINY, training=replace(TINY.training, **changes))  # type: ignore[arg-type]


def questions(kind: str, count: int = 60, seed: int = 0) -> Questions:
    """Generated questions."""
    return demo_questions(kind, count=count, seed=seed)


@lru_cache
def trained(kind: str) -> AnswerTask:
    """A model that has seen a little; tests must not change it."""
    task, _ = fit_answerer(TINY, questions(kind), questions(kind, 30, seed=1), sitting=Sitting())
    return task
