"""The wide path: a linear model of n-grams whose class scores are added to the recurrent ones.

N-grams see in one step what a recurrent network must learn to carry, and a network sees what no
n-gram holds; together they are better than either (Cheng et al. 2016, "Wide & Deep Learning").
Words and characters are hashed, so the path needs neither a vocabulary file nor a pickle.

With two classes, each feature is multiplied by the log-odds with which it goes with the second
(Wang and Manning 2012, "Baselines and Bigrams"). With more, where cross-validation on questions
saw no gain in it, features stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from vartai.errors import BundleError, InputError
from vartai.tasks.classify.blend import log_loss
from vartai.tasks.classify.logistic import LinearScores, fit_logistic
from vartai.tasks.classify.ngram_features import (
    BLOCK_BUCKETS,
    LONG_TEXTS,
    SHORT_TEXTS,
    Block,
    NgramWeights,
    count_ngrams,
)

PENALTIES = (3.0, 10.0, 30.0)
HELD_OUT = 0.1
MIN_TEXTS = 2
# Runs of characters help where words are rare. In more text than this they only take time, and
# there is enough of it to learn triples of words from.
MOST_CHARACTERS = 5_000_000

# How much is scored at once: bounds memory, whatever the number and length of the texts.
_CHARACTERS_AT_ONCE = 1_000_000

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Targets = NDArray[np.int64] | Bools


@dataclass(frozen=True, eq=False)
class NgramPath:
    """A fitted linear n-gram model.

    Attributes:
        features: which buckets count, and how much.
        weights: ``[n, classes]``, float32.
        bias: ``[classes]``, float32.
        inverse_penalty: C of the logistic regression as chosen in `fit`; None once loaded.
    """

    features: NgramWeights
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    inverse_penalty: float | None = None

    @classmethod
    def fit(
        cls, texts: Sequence[str], targets: Targets, *, classes: int, seed: int = 0
    ) -> NgramPath:
        """Fit on training texts; a tenth of them, held out for a while, decides the penalty.

        Args:
            texts: to learn from.
            targets: the class of each text, ``[texts]``; or, where a text can have several labels
                or none, an indicator ``[texts, classes]``, and each class is decided by itself.
            classes: number of classes.
            seed: chooses the texts held out.

        Raises:
            InputError: no n-gram occurs in two texts, so that nothing can be learnt.
        """
        multilabel = targets.ndim == 2
        truth: Bools = np.asarray(targets if multilabel else np.eye(classes)[targets], dtype=bool)
        long = sum(map(len, texts)) > MOST_CHARACTERS
        counts = count_ngrams(texts, LONG_TEXTS if long else SHORT_TEXTS)
        features = NgramWeights.of(counts, min_texts=MIN_TEXTS)
        if not len(features.buckets):
            raise InputError(
                f"an n-gram path needs n-grams that occur in {MIN_TEXTS} texts, and among "
                f"{len(texts):,} texts there are none: leave it out"
            )
        matrix = features.apply(counts)
        penalty = _choose_penalty(matrix, truth, multilabel=multilabel, seed=seed)
        fitted = _fit(matrix, truth, penalty, multilabel=multilabel)
        return cls(
            features,
            fitted.weights.astype(np.float32),
            fitted.biases.astype(np.float32),
            inverse_penalty=penalty,
        )

    def scores(self, texts: Sequence[str]) -> Floats:
        """Log-odds of the classes, ``[texts, classes]``."""
        scores = np.empty((len(texts), len(self.bias)))
        for rows in _portions(texts):
            counts = count_ngrams(texts[rows], self.features.parts())
            scores[rows] = self.features.apply(counts) @ self.weights + self.bias
        return scores

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Everything that `from_tensors` needs."""
        return {
            "buckets": self.features.buckets,
            "scale": self.features.scale,
            "weights": self.weights,
            "bias": self.bias,
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]], *, classes: int) -> NgramPath:
        """Rebuild from `tensors`.

        Raises:
            BundleError: a tensor is missing, of another type or shape, not finite, or the buckets
                are not in ascending order and range.
        """
        size = _check_tensors(tensors, classes=classes)
        buckets, end = tensors["buckets"], len(Block) * BLOCK_BUCKETS
        if not size or buckets[0] < 0 or buckets[-1] >= end:
            raise _damaged("buckets", f"from 0 up to {end - 1}, at least one")
        if (np.diff(buckets) <= 0).any():
            raise _damaged("buckets", "in ascending order, each once")
        if (tensors["scale"] <= 0).any():
            raise _damaged("scale", "positive")
        features = NgramWeights(buckets, tensors["scale"])
        return cls(features, tensors["weights"], tensors["bias"])


def _choose_penalty(matrix: csr_array, truth: Bools, *, multilabel: bool, seed: int) -> float:
    """The penalty with the smallest loss on texts held out."""
    held_out = np.random.default_rng(seed).random(len(truth)) < HELD_OUT
    if not held_out.any() or held_out.all():
        return PENALTIES[0]
    rest, rest_truth = matrix[~held_out], truth[~held_out]
    losses = [
        log_loss(
            _fit(rest, rest_truth, penalty, multilabel=multilabel)(matrix[held_out]),
            truth[held_out],
            multilabel=multilabel,
        )
        for penalty in PENALTIES
    ]
    return PENALTIES[int(np.argmin(losses))]


def _fit(matrix: csr_array, truth: Bools, penalty: float, *, multilabel: bool) -> LinearScores:
    two = truth.shape[1] == 2 and not multilabel
    return fit_logistic(matrix, truth, inverse_penalty=penalty, multilabel=multilabel, odds=two)


def _portions(texts: Sequence[str]) -> Iterator[slice]:
    """Slices of texts that together have about as many characters as may be scored at once."""
    start, size = 0, 0
    for place, text in enumerate(texts):
        size += len(text)
        if size >= _CHARACTERS_AT_ONCE:
            yield slice(start, place + 1)
            start, size = place + 1, 0
    if start < len(texts):
        yield slice(start, len(texts))


def _check_tensors(tensors: Mapping[str, NDArray[Any]], *, classes: int) -> int:
    """Names, types, shapes and finiteness; returns the number of buckets."""
    expected: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
        "buckets": (np.int64, ()),
        "scale": (np.float32, ()),
        "weights": (np.float32, (classes,)),
        "bias": (np.float32, (classes,)),
    }
    if set(tensors) != set(expected):
        raise BundleError(
            f"model.safetensors: an n-gram path has {', '.join(sorted(expected))}; "
            f"found {', '.join(sorted(tensors)) or 'nothing'}"
        )
    size = tensors["buckets"].size
    for name, (dtype, tail) in expected.items():
        shape = tail if name == "bias" else (size, *tail)
        found = tensors[name]
        if found.dtype != dtype or found.shape != shape:
            raise _damaged(
                name, f"{np.dtype(dtype)} {list(shape)}, was {found.dtype} {list(found.shape)}"
            )
        if not np.isfinite(found).all():
            raise _damaged(name, "finite")
    return size


def _damaged(name: str, expected: str) -> BundleError:
    return BundleError(f"model.safetensors: wide.{name} should be {expected}")
