"""Honest baselines: what a translator must beat before anyone should wait for it to train.

* ``copy``: the source itself. Names, numbers and marks are right, and what the languages share.
* ``dictionary``: word for word, by a dictionary learned from the training pairs.
* ``nearest``: the translation of the most similar training text, by TF-IDF of words. Where texts
  repeat themselves, nothing is cheaper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer

from vartai.data.parallel import Parallel
from vartai.tasks.experiment import BaselineScore, score_baselines
from vartai.tasks.translate.dictionary import WORD, Dictionary
from vartai.tasks.translate.scores import TranslationScores, score_translations

MOST_PAIRS = 50_000
"""The dictionary is learned from the first so many pairs: memory grows with all their words."""

_BLOCK = 200  # texts compared with all training texts at once
Translate = Callable[[Sequence[str]], list[str]]


def run_baselines(train: Parallel, test: Parallel) -> list[BaselineScore[TranslationScores]]:
    """Learn all of them and score them on the test pairs."""
    return score_baselines(
        {
            "copy": lambda: test.sources,
            "dictionary": lambda: learn_dictionary(train)(test.sources),
            "nearest": lambda: learn_nearest(train)(test.sources),
        },
        lambda written: score_translations(written, test.targets),
    )


def learn_dictionary(train: Parallel) -> Translate:
    """Word for word."""
    learned = Dictionary.learn(train.sources[:MOST_PAIRS], train.targets[:MOST_PAIRS])
    return lambda texts: [learned.translate(text) for text in texts]


def learn_nearest(train: Parallel) -> Translate:
    """The translation of the training text that shares the weightiest words."""
    vectorizer = TfidfVectorizer(token_pattern=WORD.pattern, sublinear_tf=True, dtype=np.float32)
    known = csr_array(vectorizer.fit_transform(train.sources)).T.tocsr()

    def translate(texts: Sequence[str]) -> list[str]:
        asked = csr_array(vectorizer.transform(texts))
        written = []
        for start in range(0, asked.shape[0], _BLOCK):
            alike = (asked[start : start + _BLOCK] @ known).toarray()
            written += [train.targets[place] for place in alike.argmax(1).tolist()]
        return written

    return translate
