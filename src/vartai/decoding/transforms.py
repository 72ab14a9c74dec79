"""Transforms of scores: what a token's log-probability becomes before one is chosen.

Each is a function of the scores ``[V]`` of one row and of what that row has written so far, prompt
included; banned is minus infinity. They compose in the order of a list. Nothing here leaves the
caller without a token: the likeliest one of those that are not banned always stays.

Letters: V tokens in the vocabulary. Scores are float64, so that no temperature is out of reach.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from vartai.errors import OptionError, require_range

Scores = NDArray[np.float64]
Transform = Callable[[Scores, Sequence[int]], Scores]


def apply_all(transforms: Sequence[Transform], scores: Scores, written: Sequence[int]) -> Scores:
    """The scores after every transform."""
    for transform in transforms:
        scores = transform(scores, written)
    return scores


class Temperature:
    """Divide by a temperature: below 1 the likely becomes likelier, above 1 rarer things happen.

    Args:
        temperature: 0 leaves only the likeliest token; however large or small, no number overflows.
    """

    def __init__(self, temperature: float) -> None:
        require_range("temperature", temperature, at_least=0)
        self.temperature = temperature

    def __call__(self, scores: Scores, written: Sequence[int]) -> Scores:
        """See `Transform`."""
        del written
        if self.temperature == 1:
            return scores
        best = int(scores.argmax())
        below = scores - scores[best]
        if self.temperature == 0:
            below[:] = -np.inf
        else:
            # What is banned stays so at a temperature that leaves no difference between the rest.
            with np.errstate(over="ignore", invalid="ignore"):
                below = np.where(np.isneginf(below), below, below / self.temperature)
        below[best] = 0.0
        return np.asarray(below)


class TopK:
    """Keep the k likeliest tokens; of equally likely ones the first."""

    def __init__(self, k: int) -> None:
        require_range("top_k", k, at_least=1)
        self.k = k

    def __call__(self, scores: Scores, written: Sequence[int]) -> Scores:
        """See `Transform`."""
        del written
        if self.k >= len(scores):
            return scores
        return _only(scores, np.argsort(-scores, kind="stable")[: self.k])


class TopP:
    """Keep the fewest likeliest tokens whose probabilities add up to p (Holtzman et al. 2020)."""

    def __init__(self, p: float) -> None:
        if not 0 < p <= 1:
            raise OptionError(f"top_p must be above 0 and at most 1, was {p}")
        self.p = p

    def __call__(self, scores: Scores, written: Sequence[int]) -> Scores:
        """See `Transform`."""
        del written
        if self.p == 1:
            return scores
        order = np.argsort(-scores, kind="stable")
        shares = probabilities(scores)[order].cumsum()
        return _only(scores, order[: 1 + int((shares < self.p).sum())])


class RepetitionPenalty:
    """Multiply the log-probability of whatever was written before (Keskar et al. 2019).

    Args:
        penalty: 1 changes nothing; 1.2 makes a token of probability 0.5 one of 0.435.
        window: so many of the last tokens count.
    """

    def __init__(self, penalty: float, *, window: int) -> None:
        require_range("repetition_penalty", penalty, at_least=1)
        require_range("repetition_window", window, at_least=1)
        self.penalty = penalty
        self.window = window

    def __call__(self, scores: Scores, written: Sequence[int]) -> Scores:
        """See `Transform`."""
        if self.penalty == 1 or not written:
            return scores
        seen = np.unique(np.asarray(written[-self.window :]))
        changed = scores.copy()
        # Logarithms of probabilities are never positive, whatever came before in the list.
        changed[seen] = np.minimum(scores[seen], 0.0) * self.penalty
        return changed


class NoRepeat:
    """Ban each token that would write the same n tokens in a row a second time."""

    def __init__(self, n: int) -> None:
        require_range("no_repeat", n, at_least=1)
        self.n = n

    def __call__(self, scores: Scores, written: Sequence[int]) -> Scores:
        """See `Transform`. Where that would ban every token, none is."""
        before = self.n - 1
        begun = written[len(written) - before :]
        places = range(before, len(written))
        return ban(scores, [written[i] for i in places if written[i - before : i] == begun])


class Ban:
    """Ban tokens altogether."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self.tokens = np.asarray(sorted(set(tokens)), dtype=np.int64)
        self._weights: Scores = np.zeros(0)

    def __call__(self, scores: Scores, written: Sequence[int]) -> Scores:
        """See `Transform`."""
        del written
        return np.asarray(scores + self.weights(len(scores)))

    def weights(self, count: int) -> Scores:
        """What is added to the scores of so many tokens; made once, when their number is known."""
        if len(self._weights) != count:
            self._weights = np.zeros(count)
            self._weights[self.tokens] = -np.inf
        return self._weights


def ban(scores: Scores, tokens: Sequence[int]) -> Scores:
    """The scores without some tokens, unless that would leave none."""
    if not tokens:
        return scores
    changed = scores.copy()
    changed[list(tokens)] = -np.inf
    return changed if np.isfinite(changed).any() else scores


def probabilities(scores: Scores) -> Scores:
    """Scores as shares that add up to 1."""
    shares = np.exp(scores - scores.max())
    return np.asarray(shares / shares.sum())


def _only(scores: Scores, kept: NDArray[np.int64]) -> Scores:
    changed = np.full_like(scores, -np.inf)
    changed[kept] = scores[kept]
    return changed
