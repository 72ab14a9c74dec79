"""One token from scores: the likeliest, or a draw that only its own row's numbers decide."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from vartai.decoding.transforms import Scores


class Chooser(Protocol):
    """What picks a token for one row."""

    def __call__(self, scores: Scores) -> int:
        """A token that is not banned, from scores ``[V]``."""


def choose_likeliest(scores: Scores) -> int:
    """The token with the highest score; of equal ones the first."""
    return int(scores.argmax())


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

    def __call__(self, scores: Scores) -> int:
        """See `Chooser`."""
        shares = np.exp(scores - scores.max()).cumsum()
        place = int(shares.searchsorted(self._random.random() * shares[-1], side="right"))
        if place == len(shares):  # by rounding; the last token that has a share is meant
            return int(np.flatnonzero(np.isfinite(scores))[-1])
        return place
