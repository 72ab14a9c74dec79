"""Whether two taggers differ on the same sentences by more than chance."""

from __future__ import annotations

import numpy as np

from vartai.tasks.tag.metrics import Ratio

DRAWS = 2_000


def paired_bootstrap(one: Ratio, other: Ratio, *, seed: int) -> float:
    """p-value (two-sided) of the difference of two scores, by drawing sentences anew.

    Sentences are drawn whole and with return, for words of a sentence go right and wrong together.
    The p-value is twice the share of draws in which the difference has not the sign it has on the
    whole; at least ``2 / (DRAWS + 1)``, for so many draws cannot tell less. Source: Efron &
    Tibshirani 1993, chapter 16; Berg-Kirkpatrick et al. 2012.

    Args:
        one: score of the one tagger, by sentence.
        other: of the other, on the same sentences.
        seed: of the draws.

    Example:
        Of ten sentences of one word, one tagger has all right and the other none:

        >>> words = np.ones(10)
        >>> round(paired_bootstrap(Ratio(words, words), Ratio(0 * words, words), seed=0), 4)
        0.001
    """
    if one.above.shape != other.above.shape:
        raise ValueError(f"paired_bootstrap: {len(one.above)} sentences against {len(other.above)}")
    whole = one.value - other.value
    if whole == 0:
        return 1.0
    random = np.random.default_rng(seed)
    count = len(one.above)
    against = 0
    for _ in range(DRAWS):
        drawn = random.integers(0, count, count)
        difference = (
            Ratio(one.above[drawn], one.below[drawn]).value
            - Ratio(other.above[drawn], other.below[drawn]).value
        )
        against += difference * whole <= 0
    return min(1.0, 2 * (against + 1) / (DRAWS + 1))
