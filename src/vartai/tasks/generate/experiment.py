"""A language model trained, scored and set beside what counting foretells."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vartai.data.passages import Passage, TextSplits
from vartai.data.streams import Corpus
from vartai.tasks.experiment import TaskReport, train_and_judge
from vartai.tasks.generate.config import GenerateConfig
from vartai.tasks.generate.fit import fit_language_model
from vartai.tasks.generate.ngram import NgramModel, unigram_nats
from vartai.tasks.generate.scoring import Fit, unit_nats
from vartai.tasks.generate.task import GenerateTask
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting

Floats = NDArray[np.float64]

ORDERS = {"char": 6, "word": 5, "bpe": 4}
"""Units of the longest gram of the baseline."""

# Differences of neighbouring units hang together; of stretches of so many hardly.
_STRETCH = 500


@dataclass(frozen=True, eq=False)
class Row:
    """One line of the closing table.

    Args:
        name: of the model or baseline.
        fit: on the text it is judged by.
        seconds: of training.
        bytes: of its weights or counts.
        nats: ``[N]``. Of every unit.
    """

    name: str
    fit: Fit
    seconds: float
    bytes: int
    nats: Floats


@dataclass(frozen=True, eq=False)
class Report(TaskReport[GenerateTask, Row, Fit]):
    """What came of it: a row for the model, on the text that it is judged by.

    Args:
        model: its row.
    """

    model: Row


def run_experiment(
    config: GenerateConfig,
    splits: TextSplits,
    *,
    sitting: Sitting,
    start: GenerateTask | None = None,
) -> Report | Outcome:
    """Train and score a language model and its baselines.

    Returns:
        A report, or only the outcome; see `train_and_judge`.
    """
    return train_and_judge(
        lambda: fit_language_model(config, splits, sitting=sitting, start=start),
        lambda task, outcome, seconds: judge(task, outcome, splits, seconds=seconds),
        sitting=sitting,
        note="reading the held-out text all the way, and counting the baselines",
    )


def judge(task: GenerateTask, outcome: Outcome, splits: TextSplits, *, seconds: float) -> Report:
    """Score a trained language model and set it beside baselines that are counted now.

    Args:
        task: the language model.
        outcome: how its training ended.
        splits: the text it was trained on and is judged by.
        seconds: that it took, from the text.
    """
    model, judged = score_model(task, splits.judged, seconds=seconds)
    valid = model.fit if not splits.test else score_model(task, splits.valid, seconds=0.0)[0].fit
    return Report(
        task=task,
        outcome=outcome,
        baselines=baseline_rows(task, splits, judged),
        model=model,
        valid=valid,
        seconds=seconds,
    )


def score_model(
    task: GenerateTask, passages: Sequence[Passage], *, seconds: float
) -> tuple[Row, Corpus]:
    """The row of a trained model, and the corpus that it was scored on."""
    corpus = task.corpus(passages)
    nats = unit_nats(task.model, corpus)
    size = sum(value.numel() * 4 for value in task.model.parameters())
    fit = Fit(float(nats.sum()), len(corpus), count_characters(passages))
    return Row(task.config.model.cell, fit, seconds, size, nats), corpus


def count_characters(passages: Sequence[Passage]) -> int:
    """Characters of the text that is scored."""
    return sum(len(passage.text) for passage in passages)


def baseline_rows(task: GenerateTask, splits: TextSplits, judged: Corpus) -> list[Row]:
    """Shares of units, and Kneser-Ney n-grams, on the same units."""
    size = task.tokenizer.size
    characters = count_characters(splits.judged)
    train = task.corpus(splits.train)

    def row(name: str, nats: Floats, seconds: float, count: int) -> Row:
        return Row(name, Fit(float(nats.sum()), len(nats), characters), seconds, count, nats)

    began = time.perf_counter()
    shares = unigram_nats(train, judged, vocabulary_size=size)
    middle = time.perf_counter()
    order = ORDERS[task.config.text.unit]
    counted = NgramModel(train, order=order, vocabulary_size=size)
    end = time.perf_counter()
    return [
        row("unit frequencies", shares, middle - began, 8 * size),
        row(f"{order}-grams, Kneser-Ney", counted.nats(judged), end - middle, counted.bytes),
    ]


@dataclass(frozen=True)
class Difference:
    """How much better a model foretells a text than another.

    Args:
        nats: a unit, positive if it is better.
        error: standard error of that, over stretches of the text.
    """

    nats: float
    error: float


def compare(model: Row, other: Row) -> Difference:
    """The difference between two rows on the same units."""
    gain = other.nats - model.nats
    stretches = [part.mean() for part in np.array_split(gain, max(1, len(gain) // _STRETCH))]
    if len(stretches) < 2:
        return Difference(float(gain.mean()), math.inf)
    error = float(np.std(stretches, ddof=1)) / math.sqrt(len(stretches))
    return Difference(float(gain.mean()), error)
