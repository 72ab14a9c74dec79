"""Two sentences side by side: which token of one answers to which of the other."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


class Pair(NamedTuple):
    """A place in an alignment; None where a sentence has nothing there.

    Args:
        first: position in the first sentence.
        second: position in the second.
        changed: whether the tokens differ, or one is missing.
    """

    first: int | None
    second: int | None
    changed: bool


def align(first: Sequence[str], second: Sequence[str]) -> list[Pair]:
    """Pair the tokens of two sentences, in order; replaced ones stand beside each other.

    Example:
        >>> [tuple(pair) for pair in align(["so", "good"], ["so", "very", "good"])]
        [(0, 0, False), (None, 1, True), (1, 2, False)]
    """
    pairs = []
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        for step in range(max(i_end - i, j_end - j)):
            left = i + step if i + step < i_end else None
            right = j + step if j + step < j_end else None
            pairs.append(Pair(left, right, kind != "equal"))
    return pairs


def difference(first: Floats, second: Floats, pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """``[pairs, U]``. Second minus first at each pair; not a number where one is missing.

    Args:
        first: ``[T, U]``.
        second: ``[T', U]``.
        pairs: as `align` gives them.
    """
    made = np.full((len(pairs), first.shape[1]), np.nan)
    both = [(at, i, j) for at, (i, j, _) in enumerate(pairs) if i is not None and j is not None]
    if both:
        at, i, j = (list(each) for each in zip(*both, strict=True))
        made[at] = second[j].astype(np.float64) - first[i]
    return made
