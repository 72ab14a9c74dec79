"""One token from scores: the likeliest, or a draw that only its own row's numbers decide."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from vartai.decoding.transforms import Scores
from vartai.errors import RunError

_AHEAD = 64  # numbers drawn at once, in little more time than one takes
_FAINT = 1e-200  # a sum of shares whose parts may have lost digits


class Chooser(Protocol):
    """What picks a token for one row."""

    def __call__(self, scores: Scores) -> int:
        """A token that is not banned, from scores ``[V]``.

        Raises:
            RunError: every token is banned.
        """


def choose_likeliest(scores: Scores) -> int:
    """The token with the highest score; of equal ones the first. See `Chooser`."""
    best = int(scores.argmax())
    _require_choice(scores[best])
    return best


class Sampler:
    """Draws a token with the probability that its score gives it.

    One random number a token, from a generator of the row's own: so a row draws the same alone and
    beside others.

    Args:
        seed: of the run.
        row: of the sequence within the run.
    """

    def __init__(self, seed: int, row: int) -> None:
        self._random = np.random.default_rng((seed, row))
        self._numbers: list[float] = []  # that come next, the first one last

    def __call__(self, scores: Scores) -> int:
        """See `Chooser`."""
        if not self._numbers:
            self._numbers = self._random.random(_AHEAD)[::-1].tolist()
        return token_at(scores, self._numbers.pop())


def token_at(scores: Scores, number: float) -> int:
    """The token of a number from 0 up to 1, each with the share that its score gives it.

    Args:
        scores: ``[V]``, logarithms of shares, which need not add up to 1 but are no more than that;
            minus infinity is never chosen.
        number: evenly spread.

    Raises:
        RunError: every token is banned.
    """
    shares = np.add.accumulate(np.exp(scores))
    if shares[-1] < _FAINT:
        best = scores.max()
        _require_choice(best)
        shares = np.add.accumulate(np.exp(scores - best))
    place = int(shares.searchsorted(number * shares[-1], side="right"))
    if place == len(shares):  # by rounding; the last token that has a share is meant
        return int(np.flatnonzero(np.isfinite(scores))[-1])
    return place


def _require_choice(best: float) -> None:
    if best == -np.inf:
        raise RunError("no token is left to choose from: every one is banned here")
