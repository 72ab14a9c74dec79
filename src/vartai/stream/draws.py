"""How a stream chooses what it writes: a draw that only the seed and the place decide.

A generator of random numbers would be one more state. Here the number for the n-th token is made
of the seed and n by a hash, so a stream that was saved, restored or forked draws as if it had not.
"""

from __future__ import annotations

import hashlib

import numpy as np

from vartai.decoding.transforms import Scores

_STEPS = 1 << 53


def draw(seed: int, place: int) -> float:
    """A number from 0 up to 1, evenly spread over seeds and places.

    >>> round(sum(draw(0, place) for place in range(1000)) / 1000, 2)
    0.5
    """
    told = seed.to_bytes(16, "little") + place.to_bytes(8, "little")
    raw = hashlib.blake2b(told, digest_size=8, person=b"vartai.draw").digest()
    return (int.from_bytes(raw, "little") >> 11) / _STEPS


def choose(scores: Scores, number: float) -> int:
    """The token of a number from 0 up to 1, each with the share that its score gives it.

    Args:
        scores: ``[V]``; minus infinity is never chosen.
        number: as `draw` gives it.
    """
    shares = np.exp(scores - scores.max()).cumsum()
    place = int(shares.searchsorted(number * shares[-1], side="right"))
    if place == len(shares):  # by rounding; the last token that has a share is meant
        return int(np.flatnonzero(np.isfinite(scores))[-1])
    return place
