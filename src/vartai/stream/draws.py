"""The random numbers by which a stream chooses what it writes: only seed and place decide them.

A generator of random numbers would be one more state. Here the number for the n-th token is made
of the seed and n by a hash, so a stream that was saved, restored or forked draws as if it had not.
"""

from __future__ import annotations

import hashlib

_STEPS = 1 << 53


def draw(seed: int, place: int) -> float:
    """A number from 0 up to 1, evenly spread over seeds and places.

    >>> round(sum(draw(0, place) for place in range(1000)) / 1000, 2)
    0.5
    """
    told = seed.to_bytes(16, "little") + place.to_bytes(8, "little")
    raw = hashlib.blake2b(told, digest_size=8, person=b"vartai.draw").digest()
    return (int.from_bytes(raw, "little") >> 11) / _STEPS
