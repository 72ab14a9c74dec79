"""Adding the n-gram path to the recurrent scores, and making probabilities mean what they say.

Class scores are ``recurrent · r + wide · w``, then softmax (sigmoid, with several labels a text).
Both numbers are those with the smallest loss on the validation texts: r alone is temperature
scaling (Guo et al. 2017), which changes no prediction; w says how much the n-grams may add.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, softmax

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Blend:
    """Weights of the two paths."""

    recurrent: float = 1.0
    wide: float = 0.0

    def __call__(self, recurrent: Floats, wide: Floats | None) -> Floats:
        """Class scores ``[texts, classes]``."""
        scores = self.recurrent * recurrent
        return scores if wide is None else scores + self.wide * wide


def probabilities(scores: Floats, *, multilabel: bool) -> Floats:
    """``[texts, classes]``: softmax over classes, or sigmoid of each."""
    return np.asarray(expit(scores) if multilabel else softmax(scores, axis=1))


def log_loss(scores: Floats, truth: Bools, *, multilabel: bool) -> float:
    """Mean nats a text of the true labels under these scores."""
    if multilabel:
        signed = np.where(truth, scores, -scores)
        return float(np.logaddexp(0.0, -signed).sum(1).mean())
    return float(-log_softmax(scores, axis=1)[truth].mean())


def fit_blend(recurrent: Floats, wide: Floats | None, truth: Bools, *, multilabel: bool) -> Blend:
    """The blend with the smallest loss on held-out texts; neither weight is ever negative."""

    def loss(weights: Floats) -> float:
        blend = Blend(*np.exp(weights))
        return log_loss(blend(recurrent, wide), truth, multilabel=multilabel)

    start = np.zeros(1 if wide is None else 2)
    # In the logarithm, so that the weights stay positive; wide bounds against a perfect validation.
    bounds = [(-4.0, 2.0)] * len(start)
    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    weights = [float(weight) for weight in np.exp(found.x)]
    return Blend(*weights)
