"""Honest baselines: what a tagger must beat before anyone should wait for it to train.

* ``most_frequent``: each word's commonest tag in training; for unseen words the commonest of all.
* ``linear``: a linear classifier of each word by itself, an averaged perceptron over the word, its
  ends and its neighbours. Half a minute of work, and on common words hard to beat.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import SGDClassifier

from vartai.data.tagged.blocks import Sentence

_HASHED = 1 << 18
_PASSES = 5
_EDGE = "<edge>"


@dataclass(frozen=True)
class Baseline:
    """What a baseline said of the test sentences.

    Args:
        name: of it.
        chosen: a tag for each word of each sentence.
        seconds: to train.
        bytes: of what would have to be saved.
    """

    name: str
    chosen: list[list[str]]
    seconds: float
    bytes: int


def run_baselines(
    train: Sequence[Sentence], test: Sequence[Sentence], *, seed: int
) -> list[Baseline]:
    """Train both baselines, and let them tag the test sentences."""
    return [_most_frequent(train, test), _linear(train, test, seed=seed)]


def _most_frequent(train: Sequence[Sentence], test: Sequence[Sentence]) -> Baseline:
    began = time.perf_counter()
    overall: Counter[str] = Counter()
    by_word: dict[str, Counter[str]] = {}
    for sentence in train:
        overall.update(sentence.tags)
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            by_word.setdefault(word, Counter())[tag] += 1
    usual = {word: _commonest(counts) for word, counts in by_word.items()}
    rest = _commonest(overall)
    seconds = time.perf_counter() - began
    chosen = [[usual.get(word, rest) for word in sentence.words] for sentence in test]
    size = sum(len(word.encode()) + len(tag.encode()) + 2 for word, tag in usual.items())
    return Baseline("most_frequent", chosen, seconds, size)


def _linear(train: Sequence[Sentence], test: Sequence[Sentence], *, seed: int) -> Baseline:
    began = time.perf_counter()
    hasher = FeatureHasher(n_features=_HASHED, input_type="string", alternate_sign=False)
    features = hasher.transform(row for sentence in train for row in word_features(sentence))
    tags = np.array([tag for sentence in train for tag in sentence.tags])
    model = SGDClassifier(
        loss="perceptron",
        penalty=None,
        learning_rate="constant",
        eta0=1.0,
        average=True,
        max_iter=_PASSES,
        tol=None,
        random_state=seed,
    )
    model.fit(features, tags)
    seconds = time.perf_counter() - began
    found = model.predict(
        hasher.transform(row for sentence in test for row in word_features(sentence))
    )
    flat = iter(found.tolist())
    chosen = [[next(flat) for _ in sentence.words] for sentence in test]
    return Baseline("linear", chosen, seconds, 4 * int(model.coef_.size + model.intercept_.size))


def word_features(sentence: Sentence) -> Iterator[list[str]]:
    """What the linear baseline sees of each word, as strings."""
    words = (_EDGE, _EDGE, *sentence.words, _EDGE, _EDGE)
    lower = [word.lower() for word in words]
    columns = [(_EDGE, *values, _EDGE) for values in sentence.inputs]
    for place in range(2, len(words) - 2):
        word = lower[place]
        row = [f"word {word}", f"shape {_shape(words[place])}"]
        row += [f"end {word[-size:]}" for size in range(1, min(5, len(word)))]
        row += [f"start {word[:size]}" for size in range(1, min(4, len(word)))]
        for step in (-2, -1, 1, 2):
            row.append(f"{step} {lower[place + step]}")
            row.append(f"{step} end {lower[place + step][-3:]}")
        row.append(f"before {lower[place - 1]} {word}")
        row.append(f"after {word} {lower[place + 1]}")
        for number, values in enumerate(columns):
            near = values[place - 2 : place + 1]
            row += [f"column {number} {step} {value}" for step, value in enumerate(near)]
            row.append(f"column {number} {' '.join(near)}")
        yield row


def _shape(word: str) -> str:
    """Upper, lower, digit or else of the first characters, runs shortened: ``Xx``, ``dd``, ``X.``.

    >>> _shape("Vilnius"), _shape("2024-05")
    ('Xx', 'd-d')
    """
    kinds = [
        "X" if each.isupper() else "x" if each.islower() else "d" if each.isdigit() else each
        for each in word[:20]
    ]
    return "".join(kind for kind, last in zip(kinds, ("", *kinds), strict=False) if kind != last)


def _commonest(counts: Counter[str]) -> str:
    """Of equally common tags the first by name."""
    return min(counts, key=lambda tag: (-counts[tag], tag))
