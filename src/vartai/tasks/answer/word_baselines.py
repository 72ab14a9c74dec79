"""What a reader of stories must beat: a count, a place, and words without order.

* ``majority``: always the commonest answer of the training questions.
* ``last_mentioned``: the known answer that the story mentions last, else the commonest.
* ``ngrams_lr``: words and pairs of words of question and story, in logistic regression whose
  penalty is chosen on the validation questions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from vartai.data.questions.question import Question, Questions

Words = NDArray[np.object_]

INVERSE_PENALTIES = (0.1, 1.0, 10.0)
_MOST_STEPS = 300


def majority_words(train: Questions, test: Questions) -> list[str]:
    """The commonest answer, for every question."""
    return [_commonest(train)] * len(test)


def last_mentioned(train: Questions, test: Questions) -> list[str]:
    """The known answer that stands last in the story, as a word of its own."""
    known = sorted({item.answers[0].text for item in train.items}, key=len, reverse=True)
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, known)) + r")\b")
    common = _commonest(train)
    return [(pattern.findall(item.context) or [common])[-1] for item in test.items]


def ngram_words(train: Questions, valid: Questions, test: Questions) -> tuple[list[str], str]:
    """Logistic regression; the answers, and the penalty that was chosen, in words."""
    vectorizers = [CountVectorizer(ngram_range=(1, 2), binary=True) for _ in range(2)]
    truth = [item.answers[0].text for item in train.items]
    features = _features(vectorizers, train.items, fit=True)
    held_out = _features(vectorizers, valid.items, fit=False)
    wanted = np.array([item.answers[0].text if item.answers else "" for item in valid.items])
    tried = []
    for penalty in INVERSE_PENALTIES:
        model = LogisticRegression(C=penalty, max_iter=_MOST_STEPS, solver="liblinear")
        tried.append(_PerWord(model, features, truth))
    right = [float((each.predict(held_out) == wanted).mean()) for each in tried]
    best = int(np.argmax(right))
    given = tried[best].predict(_features(vectorizers, test.items, fit=False))
    return list(given), f"C = {INVERSE_PENALTIES[best]:g}"


class _PerWord:
    """One regression for each word; the surest one answers."""

    def __init__(
        self, model: LogisticRegression, features: csr_array, truth: Sequence[str]
    ) -> None:
        self._names = np.array(sorted(set(truth)), dtype=object)
        self._models = []
        for name in self._names:
            own = LogisticRegression(**model.get_params())
            self._models.append(own.fit(features, [answer == name for answer in truth]))

    def predict(self, features: csr_array) -> Words:
        scores = np.stack([model.decision_function(features) for model in self._models], axis=1)
        return np.asarray(self._names[scores.argmax(1)])


def _features(
    vectorizers: list[CountVectorizer], items: Sequence[Question], *, fit: bool
) -> csr_array:
    columns = ([item.text for item in items], [item.context for item in items])
    parts = [
        vectorizer.fit_transform(texts) if fit else vectorizer.transform(texts)
        for vectorizer, texts in zip(vectorizers, columns, strict=True)
    ]
    return csr_array(hstack(parts))


def _commonest(train: Questions) -> str:
    [(answer, _)] = Counter(item.answers[0].text for item in train.items).most_common(1)
    return answer
