"""The n-gram path of a classifier, counted along: exact, at the cost of a number for each n-gram.

A text's n-grams are counted in the buckets that the path keeps. What more text adds are the n-grams
that end in it, so beside the counts only the last two words and the last four characters are
remembered. The n-grams with the end of the text are added for each answer, and not kept.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    Block,
    hash_ngrams,
    split_words,
)
from vartai.tasks.classify.ngrams import NgramPath
from vartai.text.settling import Rule

LINE_END = max(CHARACTER_RUNS) - 1
Counts = NDArray[np.float32]


class WideCounts:
    """Counts the n-grams of growing texts, exactly up to 2^24 of each: counts are float32.

    Args:
        path: of the classifier.
    """

    def __init__(self, path: NgramPath) -> None:
        self._path = path
        self._buckets = path.features.buckets
        self._parts = path.features.parts()
        self.field = Field("wide.counts", (len(self._buckets),))

    def fresh(self) -> Rows:
        """Of one stream, before anything was read."""
        return (torch.zeros(1, *self.field.shape),)

    def count(self, text: str, tail: Tail) -> tuple[Counts, Tail]:
        """Counts ``[n]`` that a text adds which begins and ends between words; and its tail.

        Raises:
            InputError: a word longer than can be remembered.
        """
        words = split_words(text)
        if not words:
            return np.zeros(len(self._buckets), dtype=np.float32), tail
        if max(map(len, words[-2:])) > LONGEST:
            raise InputError(
                f"expected words of at most {LONGEST:,} characters, found a longer one"
            )
        line = ("" if tail == Tail() else " ") + " ".join(words)
        counts = self._in_buckets(
            {
                Block.WORDS: [*words, *_ending(tail.words, words, 2)],
                Block.CHARACTERS: _runs(tail.line, line),
                Block.TRIPLES: _ending(tail.words, words, 3),
            }
        )
        return counts, Tail((*tail.words, *words)[-2:], (tail.line + line)[-LINE_END:])

    def scores(self, counts: Counts, tail: Tail) -> NDArray[np.float64]:
        """Log-odds ``[classes]`` of a text that ends here."""
        end = ["</s>"]
        closing = self._in_buckets(
            {
                Block.WORDS: _ending(tail.words, end, 2),
                Block.CHARACTERS: _runs(tail.line, " "),
                Block.TRIPLES: _ending(tail.words, end, 3),
            }
        )
        total = counts.astype(np.float64) + closing
        there = total > 0
        weights = np.where(there, 1 + np.log(np.where(there, total, 1.0)), 0.0)
        weights = weights * self._path.features.scale
        for part in self._parts.values():
            length = np.sqrt(np.square(weights[part]).sum())
            if length:
                weights[part] /= length
        return np.asarray(weights @ self._path.weights.astype(np.float64) + self._path.bias)

    def _in_buckets(self, grams: dict[Block, list[str]]) -> Counts:
        counts = np.zeros(len(self._buckets), dtype=np.float32)
        for block in self._parts:
            found = hash_ngrams([grams[block]])
            numbers = found.indices.astype(np.int64) + block * BLOCK_BUCKETS
            there, places = self._path.features.find(numbers)
            np.add.at(counts, places, found.data[there])
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


def _ending(before: Sequence[str], words: Sequence[str], size: int) -> list[str]:
    """The runs of `size` words that end in one of these."""
    whole = [*before, *words]
    ends = range(len(before) + 1, len(whole) + 1)
    return [" ".join(whole[end - size : end]) for end in ends if end >= size]


def _runs(line: str, added: str) -> list[str]:
    """The runs of characters that end in what is added to a line."""
    whole = line + added
    ends = range(len(line) + 1, len(whole) + 1)
    return [whole[end - n : end] for n in CHARACTER_RUNS for end in ends if end >= n]
