"""Honest baselines: what a classifier must beat before anyone should wait for it to train.

* ``majority``: always the commonest label of the training texts.
* ``tfidf_lr``: words and pairs of words, weighted by TF-IDF, in logistic regression whose penalty
  is chosen on the validation texts. Seconds of work, and on short texts hard to beat.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer

from vartai.data.shuffle import shuffle_words
from vartai.tasks.classify.logistic import LinearScores, fit_logistic
from vartai.tasks.classify.metrics import indicators, macro_f1, right

INVERSE_PENALTIES = (1.0, 3.0, 10.0, 30.0)
# Apostrophes belong to words ("n't"); any other mark is a word of its own.
TOKEN = r"(?u)\w+(?:['’]\w+)*|['’]\w+|[^\w\s]"
# In many texts, an n-gram of a single one says little and costs most of the vocabulary.
MANY_TEXTS = 1_000

Bools = NDArray[np.bool_]
Labels = Sequence[tuple[str, ...]]
Predict = Callable[[Sequence[str]], Bools]


@dataclass(frozen=True, eq=False)
class BaselineScore:
    """What a baseline came to on the test texts.

    Attributes:
        name: ``majority`` or ``tfidf_lr``.
        accuracy: share of texts with exactly the right labels.
        macro_f1: mean F1 of the classes.
        shuffled_accuracy: accuracy with the words of each text in random order.
        seconds: to train, choosing included.
        bytes: size of what would have to be saved: weights as float32, vocabulary as UTF-8.
        detail: what was chosen, in words; may be empty.
        predictions: ``[texts, classes]``, classes in alphabetical order.
        correct: ``[texts]``, for paired tests.
    """

    name: str
    accuracy: float
    macro_f1: float
    shuffled_accuracy: float
    seconds: float
    bytes: int
    detail: str
    predictions: Bools
    correct: Bools


@dataclass(frozen=True, eq=False)
class _Trained:
    name: str
    predict: Predict
    seconds: float
    bytes: int
    detail: str


def run_baselines(
    train_texts: Sequence[str],
    train_labels: Labels,
    valid_texts: Sequence[str],
    valid_labels: Labels,
    test_texts: Sequence[str],
    test_labels: Labels,
    *,
    seed: int,
) -> list[BaselineScore]:
    """Train both baselines and score them on the test texts.

    If any training text has no label, or several, each label is decided by itself.

    Args:
        train_texts: to learn from; at least one is not blank.
        train_labels: of each, its labels.
        valid_texts: to choose the penalty by.
        valid_labels: of each.
        test_texts: to score on.
        test_labels: of each.
        seed: of the random order of words.
    """
    classes = sorted(
        {label for row in (*train_labels, *valid_labels, *test_labels) for label in row}
    )
    train, valid, test = (
        indicators(labels, classes) for labels in (train_labels, valid_labels, test_labels)
    )
    random = np.random.default_rng(seed)
    shuffled = [shuffle_words(text, random) for text in test_texts]
    baselines = (
        _train_majority(train),
        _train_tfidf(train_texts, train, valid_texts, valid),
    )
    return [_score(baseline, test_texts, shuffled, test) for baseline in baselines]


def _score(
    baseline: _Trained, texts: Sequence[str], shuffled: Sequence[str], truth: Bools
) -> BaselineScore:
    predictions = baseline.predict(texts)
    correct = right(predictions, truth)
    return BaselineScore(
        name=baseline.name,
        accuracy=float(correct.mean()),
        macro_f1=macro_f1(predictions, truth),
        shuffled_accuracy=float(right(baseline.predict(shuffled), truth).mean()),
        seconds=baseline.seconds,
        bytes=baseline.bytes,
        detail=baseline.detail,
        predictions=predictions,
        correct=correct,
    )


def _train_majority(truth: Bools) -> _Trained:
    began = time.perf_counter()
    [(row, _)] = Counter(map(tuple, truth.tolist())).most_common(1)
    answer = np.array(row, dtype=bool)

    def predict(texts: Sequence[str]) -> Bools:
        return np.tile(answer, (len(texts), 1))

    return _Trained("majority", predict, time.perf_counter() - began, 0, "")


def _train_tfidf(
    texts: Sequence[str], truth: Bools, valid_texts: Sequence[str], valid_truth: Bools
) -> _Trained:
    began = time.perf_counter()
    multilabel = bool((truth.sum(1) != 1).any())
    vectorizer = TfidfVectorizer(
        ngram_range=(1, 2),
        token_pattern=TOKEN,
        sublinear_tf=True,
        min_df=2 if len(texts) >= MANY_TEXTS else 1,
        dtype=np.float32,
    )
    features = csr_array(vectorizer.fit_transform(texts))
    valid_features = csr_array(vectorizer.transform(valid_texts))
    tried = [
        fit_logistic(features, truth, inverse_penalty=penalty, multilabel=multilabel)
        for penalty in INVERSE_PENALTIES
    ]
    accuracies = [
        right(_decide(scores, valid_features, multilabel=multilabel), valid_truth).mean()
        for scores in tried
    ]
    best = int(np.argmax(accuracies))

    def predict(texts: Sequence[str]) -> Bools:
        transformed = csr_array(vectorizer.transform(texts))
        return _decide(tried[best], transformed, multilabel=multilabel)

    seconds = time.perf_counter() - began
    size = _bytes(vectorizer, classes=truth.shape[1], multilabel=multilabel)
    return _Trained("tfidf_lr", predict, seconds, size, f"C = {INVERSE_PENALTIES[best]:g}")


def _decide(scores: LinearScores, features: csr_array, *, multilabel: bool) -> Bools:
    found = scores(features)
    if multilabel:
        return np.asarray(found > 0)
    return np.asarray(np.eye(found.shape[1], dtype=bool)[found.argmax(1)])


def _bytes(vectorizer: TfidfVectorizer, *, classes: int, multilabel: bool) -> int:
    """Weights and inverse document frequencies as float32, n-grams as UTF-8 lines."""
    vocabulary = vectorizer.vocabulary_
    columns = 1 if classes == 2 and not multilabel else classes
    ngrams = sum(len(ngram.encode("utf-8")) + 1 for ngram in vocabulary)
    return 4 * (len(vocabulary) * (columns + 1) + columns) + ngrams
