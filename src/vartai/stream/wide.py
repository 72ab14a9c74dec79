"""The n-gram path of a classifier, counted along: exact, at the cost of a number for each n-gram.

A text's n-grams are counted in the buckets that the path keeps. What more text adds are the n-grams
that end in it, so beside the counts only the last word and the last four characters are remembered.
The n-grams with the end of the text are added for each answer, and not kept.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.errors import InputError
from vartai.stream.pending import LONGEST
from vartai.stream.rows import Field, Rows
from vartai.stream.tail import Tail
from vartai.tasks.classify.ngram_features import (
    BLOCK_BUCKETS,
    CHARACTER_RUNS,
    hash_ngrams,
    split_words,
)
from vartai.tasks.classify.ngrams import NgramPath
from vartai.text.settling import Rule

LINE_END = max(CHARACTER_RUNS) - 1
Counts = NDArray[np.float64]


class WideCounts:
    """Counts the n-grams of growing texts.

    Args:
        path: of the classifier.
    """

    def __init__(self, path: NgramPath) -> None:
        self._path = path
        self._buckets = path.features.buckets
        self.field = Field("wide.counts", (len(self._buckets),), torch.float64)

    def fresh(self) -> Rows:
        """Of one stream, before anything was read."""
        return (torch.zeros(1, *self.field.shape, dtype=torch.float64),)

    def count(self, text: str, tail: Tail) -> tuple[Counts, Tail]:
        """Counts ``[n]`` that a text adds which begins and ends between words; and its tail.

        Raises:
            InputError: a word longer than can be remembered.
        """
        words = split_words(text)
        if not words:
            return np.zeros(len(self._buckets)), tail
        if len(words[-1]) > LONGEST:
            raise InputError(
                f"expected words of at most {LONGEST:,} characters, found a longer one"
            )
        pairs = [f"{left} {right}" for left, right in pairwise([tail.word or "<s>", *words])]
        added = ("" if not tail.word else " ") + " ".join(words)
        counts = self._in_buckets([*words, *pairs], _runs(tail.line, added))
        return counts, Tail(words[-1], (tail.line + added)[-LINE_END:])

    def scores(self, counts: Counts, tail: Tail) -> NDArray[np.float64]:
        """Log-odds ``[classes]`` of a text that ends here."""
        closing = self._in_buckets([f"{tail.word or '<s>'} </s>"], _runs(tail.line, " "))
        total = counts + closing
        there = total > 0
        weights = np.where(there, 1 + np.log(np.where(there, total, 1.0)), 0.0)
        weights = weights * self._path.features.scale
        split = self._path.features.words
        for block in (weights[:split], weights[split:]):
            length = np.sqrt(np.square(block).sum())
            if length:
                block /= length
        return np.asarray(weights @ self._path.weights.astype(np.float64) + self._path.bias)

    def _in_buckets(self, words: list[str], runs: list[str]) -> Counts:
        counts = np.zeros(len(self._buckets))
        grams = [words, runs] if self._path.features.characters else [words]
        for block, own in enumerate(grams):
            found = hash_ngrams([own])
            numbers = found.indices.astype(np.int64) + block * BLOCK_BUCKETS
            places = np.searchsorted(self._buckets, numbers)
            places = np.minimum(places, len(self._buckets) - 1)
            kept = self._buckets[places] == numbers
            np.add.at(counts, places[kept], found.data[kept])
        return counts


def between_words(settled: Rule) -> Rule:
    """A tokenizer's rule, held back to white space: there n-grams surely end, too."""

    def rule(pending: str) -> int:
        for place in range(settled(pending), 0, -1):
            if not (pending[place - 1].isspace() or pending[place : place + 1].isspace()):
                continue
            # What is settled in a beginning of a text is so in the whole.
            if place in (settled(pending[:place]), settled(pending[: place + 1])):
                return place
        return 0

    return rule


def _runs(line: str, added: str) -> list[str]:
    """The runs of characters that end in what is added to a line."""
    whole = line + added
    ends = range(len(line) + 1, len(whole) + 1)
    return [whole[end - n : end] for n in CHARACTER_RUNS for end in ends if end >= n]
