"""How well one number separates two kinds of tokens, for many numbers at once.

AUROC is the probability that a token of the kind has a larger number than one of the rest, ties
counted half (Mann & Whitney 1947). It needs ranks alone, and ranks do not change when labels are
shuffled: so a thousand shuffles are one matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Bools = NDArray[np.bool_]

_COLUMNS = 256


def centred_ranks(values: Singles) -> Floats:
    """``[N, U]`` to ranks along each column, ties averaged, divided by N, with mean 0."""
    count, width = values.shape
    ranks = np.empty((count, width))
    for start in range(0, width, _COLUMNS):
        own = slice(start, start + _COLUMNS)
        ranks[:, own] = (rankdata(values[:, own], axis=0) - (count + 1) / 2) / max(1, count)
    return ranks


def auroc(ranks: Floats | Singles, masks: Bools) -> Floats:
    """Area under the ROC curve of every column, for each of L kinds of tokens.

    Args:
        ranks: ``[N, U]``. From `centred_ranks`; as float32 twice as fast, and good to seven digits.
        masks: ``[L, N]``. Which tokens are of each kind.

    Returns:
        ``[L, U]``, 0.5 for a column that says nothing, and where a kind is everything or nothing.

    >>> values = np.array([[0.1], [0.4], [0.35], [0.8]], dtype=np.float32)
    >>> auroc(centred_ranks(values), np.array([[False, False, True, True]]))
    array([[0.75]])
    """
    count = masks.shape[1]
    ours = masks.sum(1).astype(np.float64)
    numbers: Any = masks.astype(ranks.dtype)  # a product of one float type, whichever it is
    sums: Floats = (numbers @ ranks).astype(np.float64) * count
    pairs = (ours * (count - ours))[:, None]
    found: Floats = 0.5 + np.divide(sums, pairs, out=np.zeros_like(sums), where=pairs > 0)
    return found


@dataclass(frozen=True, eq=False)
class Thresholds:
    """Where each column is cut in two.

    Args:
        cuts: ``[U]``.
        signs: ``[U]``. 1 where tokens of the kind lie above the cut, -1 where below.
    """

    cuts: Floats
    signs: NDArray[np.int64]

    def fires(self, values: Singles) -> Bools:
        """``[N, U]``: which tokens each column calls of the kind."""
        above: Bools = values > self.cuts
        return np.where(self.signs > 0, above, ~above)


def best_thresholds(values: Singles, mask: Bools, signs: NDArray[np.int64]) -> Thresholds:
    """The cut of each column at which sensitivity + specificity is largest (Youden's J).

    Unlike accuracy this does not reward calling every token by the commoner kind.

    Args:
        values: ``[N, U]``.
        mask: ``[N]``. Tokens of the kind.
        signs: ``[U]``. On which side they lie.
    """
    order = np.argsort(values, axis=0, kind="stable")
    ours = max(1, int(mask.sum()))
    rest = max(1, int((~mask).sum()))
    cuts = np.empty(values.shape[1])
    for place in range(values.shape[1]):
        column = values[order[:, place], place].astype(np.float64)
        of_kind = mask[order[:, place]]
        # After how many tokens, counted from below, to cut; equal numbers stay together.
        below = np.cumsum(of_kind) / ours
        below_rest = np.cumsum(~of_kind) / rest
        gain = (below_rest - below)[:-1] * signs[place]
        gain[column[1:] <= column[:-1]] = -np.inf
        if not len(gain) or not np.isfinite(gain).any():
            cuts[place] = column[0] if len(column) else 0.0
            continue
        at = int(np.argmax(gain))
        cuts[place] = (column[at] + column[at + 1]) / 2
    return Thresholds(cuts, signs)


@dataclass(frozen=True, eq=False)
class Counted:
    """Right and wrong calls of every column: ``[U]`` each."""

    hits: Floats
    false_alarms: Floats
    misses: Floats
    rejections: Floats

    @classmethod
    def of(cls, fires: Bools, mask: Bools) -> Counted:
        """From calls ``[N, U]`` and the truth ``[N]``."""
        ours, rest = fires[mask], fires[~mask]
        hits, alarms = ours.sum(0).astype(float), rest.sum(0).astype(float)
        return cls(hits, alarms, len(ours) - hits, len(rest) - alarms)

    @property
    def accuracy(self) -> Floats:
        """Share of right calls."""
        right = self.hits + self.rejections
        return right / np.maximum(1, right + self.false_alarms + self.misses)

    @property
    def balanced(self) -> Floats:
        """Mean of the shares of right calls within each kind."""
        ours = np.maximum(1, self.hits + self.misses)
        rest = np.maximum(1, self.rejections + self.false_alarms)
        return (self.hits / ours + self.rejections / rest) / 2

    @property
    def f1(self) -> Floats:
        """Of the kind: harmonic mean of precision and recall."""
        return 2 * self.hits / np.maximum(1, 2 * self.hits + self.false_alarms + self.misses)
