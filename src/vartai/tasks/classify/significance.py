"""Whether two classifiers differ on the same texts by more than chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest


def paired_test(correct_a: NDArray[np.bool_], correct_b: NDArray[np.bool_]) -> float:
    """p-value of the exact McNemar test (two-sided).

    Only the texts on which one is right and the other wrong count. If neither is better, each of
    the two is equally likely to be the right one.

    Args:
        correct_a: ``[texts]``. Which texts the one gets right.
        correct_b: ``[texts]``. Which the other gets right, of the same texts in the same order.

    Raises:
        ValueError: the two are not of one length.

    Example:
        Five texts apart, all won by the same one:

        >>> paired_test(np.array([True] * 5 + [False]), np.array([False] * 6))
        0.0625
    """
    if correct_a.shape != correct_b.shape:
        raise ValueError(f"paired_test: {correct_a.shape} texts against {correct_b.shape}")
    only_a = int((correct_a & ~correct_b).sum())
    only_b = int((correct_b & ~correct_a).sum())
    if only_a + only_b == 0:
        return 1.0
    return float(binomtest(only_a, only_a + only_b).pvalue)
