"""Scores of predicted tags, from counts of each sentence, so that sentences can be drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from seqeval.metrics.sequence_labeling import get_entities
from sklearn.metrics import precision_recall_fscore_support

Tags = Sequence[Sequence[str]]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TagScore:
    """One row of the table of tags: precision, recall and F1 as shares, and how many there are.

    Args:
        tag: its name; of spans their kind.
        precision: share of those predicted that are right.
        recall: share of the true ones that were found.
        f1: harmonic mean of both.
        count: words, or spans, that have it.
    """

    tag: str
    precision: float
    recall: float
    f1: float
    count: int


@dataclass(frozen=True, eq=False)
class Ratio:
    """A score that is a sum over sentences divided by another, such as accuracy or F1.

    Args:
        above: ``[sentences]``.
        below: ``[sentences]``.
    """

    above: Floats
    below: Floats

    @property
    def value(self) -> float:
        """The score; 0 if there is nothing to score."""
        return float(self.above.sum() / max(1e-12, self.below.sum()))

    @property
    def error(self) -> float:
        """Standard error of the score by the choice of sentences, which are not cut apart."""
        rest = self.above - self.value * self.below
        return float(np.sqrt((rest**2).sum()) / max(1e-12, self.below.sum()))


def word_accuracy(truth: Tags, chosen: Tags) -> Ratio:
    """Share of words with the right tag."""
    right = [
        sum(one == other for one, other in zip(*rows, strict=True))
        for rows in zip(truth, chosen, strict=True)
    ]
    return Ratio(np.array(right, dtype=float), np.array([len(row) for row in truth], dtype=float))


def span_f1(truth: Tags, chosen: Tags) -> Ratio:
    """F1 of whole spans, as `seqeval` finds them: 2 · right / (predicted + true)."""
    above, below = [], []
    for true_tags, chosen_tags in zip(truth, chosen, strict=True):
        true_spans = set(get_entities(list(true_tags)))
        found = set(get_entities(list(chosen_tags)))
        above.append(2 * len(true_spans & found))
        below.append(len(true_spans) + len(found))
    return Ratio(np.array(above, dtype=float), np.array(below, dtype=float))


def span_scores(truth: Tags, chosen: Tags) -> list[TagScore]:
    """Precision, recall and F1 of each kind of span, sorted by name."""
    counts: dict[str, list[int]] = {}
    for true_tags, chosen_tags in zip(truth, chosen, strict=True):
        true_spans = set(get_entities(list(true_tags)))
        found = set(get_entities(list(chosen_tags)))
        for place, spans in enumerate((true_spans & found, found, true_spans)):
            for kind, _, _ in spans:
                counts.setdefault(kind, [0, 0, 0])[place] += 1
    return [_score(kind, *counts[kind]) for kind in sorted(counts)]


def tag_scores(truth: Tags, chosen: Tags) -> list[TagScore]:
    """Precision, recall and F1 of each tag that is true or predicted, sorted by name."""
    true_flat = [tag for row in truth for tag in row]
    flat = [tag for row in chosen for tag in row]
    names = sorted({*true_flat, *flat})
    precision, recall, f1, words = precision_recall_fscore_support(
        true_flat, flat, labels=names, zero_division=0
    )
    return [
        TagScore(name, float(precision[k]), float(recall[k]), float(f1[k]), int(words[k]))
        for k, name in enumerate(names)
    ]


def _score(kind: str, right: int, found: int, true: int) -> TagScore:
    precision, recall = right / max(1, found), right / max(1, true)
    f1 = 2 * right / max(1, found + true)
    return TagScore(kind, precision, recall, f1, true)
