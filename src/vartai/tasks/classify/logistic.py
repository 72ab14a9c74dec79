"""Logistic regression of every class on sparse features: the part that all linear models share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from sklearn.linear_model import LogisticRegression

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LinearScores:
    """Class scores, as log-odds: ``features @ weights + biases``.

    Attributes:
        weights: ``[n, classes]``.
        biases: ``[classes]``.
    """

    weights: Floats
    biases: Floats

    def __call__(self, features: csr_array) -> Floats:
        """``[texts, classes]``."""
        return np.asarray(features @ self.weights + self.biases)


def fit_logistic(
    features: csr_array,
    truth: Bools,
    *,
    inverse_penalty: float,
    multilabel: bool,
    odds: bool = False,
) -> LinearScores:
    """Fit one classifier a class against all others; one in all if there are two classes.

    Args:
        features: ``[texts, n]``, not negative.
        truth: ``[texts, classes]``; without `multilabel` one true in each row.
        inverse_penalty: C; larger fits the training texts closer.
        multilabel: whether each class is decided by itself.
        odds: multiply each feature by the log-odds with which it goes with the class.
    """
    if truth.shape[1] == 2 and not multilabel:
        # Half to each side: softmax of the two is then the sigmoid of the one.
        weights, bias = _fit_class(features, truth[:, 1], inverse_penalty, odds=odds)
        return LinearScores(np.stack([-weights, weights], axis=1) / 2, np.array([-bias, bias]) / 2)
    fitted = [_fit_class(features, column, inverse_penalty, odds=odds) for column in truth.T]
    return LinearScores(
        np.stack([weights for weights, _ in fitted], axis=1),
        np.array([bias for _, bias in fitted]),
    )


def _fit_class(
    features: csr_array, truth: Bools, inverse_penalty: float, *, odds: bool
) -> tuple[Floats, float]:
    count = int(truth.sum())
    if count in (0, len(truth)):
        # Nothing to tell apart: what is left is how rare the other case must be.
        return np.zeros(features.shape[1]), float(np.log((count + 1) / (len(truth) - count + 1)))
    scale = log_odds(features, truth) if odds else np.ones(features.shape[1])
    model = LogisticRegression(
        C=inverse_penalty, solver="liblinear", dual=True, tol=1e-3, max_iter=1000, random_state=0
    )
    model.fit(csr_array(features @ diags_array(scale.astype(features.dtype))), truth)
    return model.coef_[0] * scale, float(model.intercept_[0])


def log_odds(features: csr_array, truth: Bools) -> Floats:
    """``[n]``: how much likelier a feature is in texts of the class than in others.

    Naive Bayes over which features are there, one added to each count.
    """
    size = features.shape[1]
    inside = 1.0 + np.bincount(features[truth].indices, minlength=size)
    outside = 1.0 + np.bincount(features[~truth].indices, minlength=size)
    return np.asarray(np.log(inside / inside.sum()) - np.log(outside / outside.sum()))
