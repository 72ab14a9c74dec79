"""An n-gram model: what counting alone foretells, as an honest baseline.

Interpolated Kneser-Ney with three discounts (Chen & Goodman 1999, section 4.1.6). A gram of the
highest order counts how often it was seen; one of a lower order, how many different units were seen
before it. With a(hw) that count, h a context and w a unit,

    P(w | h) = max(a(hw) - D(a), 0) / a(h·)  +  g(h) P(w | h without its first unit)

where g(h) is what the discounts left over, and below the single unit stands 1/V.

Everything is counted once, in sorted arrays. A gram is known by its place among those of its
length; its key is the place of its beginning, times V, plus its last unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vartai.data.streams import Corpus

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]
_NONE = -1


@dataclass(frozen=True, eq=False)
class _Order:
    """The grams of one length.

    Args:
        keys: sorted, each once.
        counts: a(hw) of each gram.
        discounts: D of the counts 0, 1, 2, and 3 or more.
        totals: a(h·) of each context, by its place among the grams one unit shorter.
        left: g(h) of each context.
    """

    keys: Ids
    counts: Ids
    discounts: Floats
    totals: Ids
    left: Floats

    def find(self, keys: Ids) -> Ids:
        """Place of each key, -1 for one that is not there or belongs to no gram."""
        places = np.searchsorted(self.keys, keys)
        places[places == len(self.keys)] = 0
        return np.where(self.keys[places] == keys, places, _NONE)


class NgramModel:
    """Counts of a corpus.

    Args:
        corpus: to count; at least one target.
        order: units of the longest gram.
        vocabulary_size: V.
    """

    def __init__(self, corpus: Corpus, *, order: int, vocabulary_size: int) -> None:
        self.order = order
        self.vocabulary_size = vocabulary_size
        row = _Row(corpus)
        keys, places = self._all_keys(row)
        self._orders = [self._counted(row, length, keys, places) for length in range(1, order + 1)]

    @property
    def bytes(self) -> int:
        """Of all counts."""
        return sum(
            array.nbytes
            for order in self._orders
            for array in (order.keys, order.counts, order.totals, order.left)
        )

    def nats(self, corpus: Corpus) -> Floats:
        """``[N]``: nats of every target of a corpus, in its order."""
        row = _Row(corpus)
        chance = np.full(len(row.tokens), 1.0 / self.vocabulary_size)
        context = np.zeros(len(row.tokens), dtype=np.int64)  # of length 0: the only one
        for length, order in enumerate(self._orders, start=1):
            there = (context != _NONE) & (row.since >= max(1, length - 1))
            gram = order.find(np.where(there, context * self.vocabulary_size + row.tokens, _NONE))
            counts = np.where(gram == _NONE, 0, order.counts[gram])
            totals = np.where(there, order.totals[context], 0)
            seen = totals > 0
            own = np.maximum(counts - order.discounts[np.minimum(counts, 3)], 0.0)
            found = own / np.maximum(totals, 1) + order.left[context] * chance
            chance = np.where(seen, found, chance)
            if length == 1:
                gram = order.find(row.tokens)  # the unit before a document is a context, too
            context = _shifted(gram)
        return np.asarray(-np.log(chance[row.since > 0]))

    def _all_keys(self, row: _Row) -> tuple[list[Ids], list[Ids]]:
        """Of each length, the distinct keys, and at each place of the row the gram that ends there.

        A gram that reaches back beyond its document is none.
        """
        keys, places = [], []
        before = np.zeros_like(row.tokens)
        for length in range(1, self.order + 1):
            valid = (row.since >= length - 1) & (before != _NONE)
            key = np.where(valid, before * self.vocabulary_size + row.tokens, _NONE)
            distinct = np.unique(key[valid])
            keys.append(distinct)
            places.append(np.where(valid, np.searchsorted(distinct, key), _NONE))
            before = _shifted(places[-1])
        return keys, places

    def _counted(self, row: _Row, length: int, keys: list[Ids], places: list[Ids]) -> _Order:
        own, place = keys[length - 1], places[length - 1]
        # A unit that only stands before documents is a context and never a target.
        target = (place != _NONE) & (row.since > 0)
        if length == self.order:
            counts = np.bincount(place[target], minlength=len(own))
        else:
            counts = self._varieties(row, length, keys, places)
        contexts = own // self.vocabulary_size
        size = 1 if length == 1 else len(keys[length - 2])
        discounts = _discounts(counts)
        totals = np.bincount(contexts, weights=counts, minlength=size).astype(np.int64)
        taken = np.minimum(discounts[np.minimum(counts, 3)], counts)
        left = np.bincount(contexts, weights=taken, minlength=size) / np.maximum(totals, 1)
        return _Order(own, counts, discounts, totals, left)

    def _varieties(self, row: _Row, length: int, keys: list[Ids], places: list[Ids]) -> Ids:
        """Different units seen before each gram; the beginning of a document is one more."""
        place, longer = places[length - 1], places[length]
        there = longer != _NONE
        first = np.full(len(keys[length]), _NONE)
        first[longer[there]] = place[there]  # the gram that each longer one ends with
        ends = there & (row.since > 0)
        used = np.unique(longer[ends])
        counts = np.bincount(first[used], minlength=len(keys[length - 1]))
        begins = (place != _NONE) & (row.since == length - 1) & (row.since > 0)
        counts[np.unique(place[begins])] += 1
        return counts


class _Row:
    """A corpus as one row of units, with the unit before each document in front of it.

    Attributes:
        tokens: ``[N + documents]``.
        since: units before each one in its document; 0 for what stands in front.
    """

    def __init__(self, corpus: Corpus) -> None:
        begins = np.flatnonzero(corpus.fresh)
        self.tokens = np.insert(corpus.targets, begins, corpus.inputs[begins])
        fronts = begins + np.arange(len(begins))
        lengths = np.diff(np.append(fronts, len(self.tokens)))
        self.since = np.arange(len(self.tokens)) - np.repeat(fronts, lengths)


def _shifted(places: Ids) -> Ids:
    """What stands one place before."""
    return np.append(_NONE, places[:-1])


def _discounts(counts: Ids) -> Floats:
    """Chen & Goodman's estimates from how many grams have the counts 1 to 4."""
    n = np.bincount(np.minimum(counts, 5), minlength=6).astype(np.float64)
    if min(n[1], n[2], n[3], n[4]) == 0:  # too little text for estimates
        return np.array([0.0, 0.5, 0.75, 0.75])
    y = n[1] / (n[1] + 2 * n[2])
    found = [k - (k + 1) * y * n[k + 1] / n[k] for k in (1, 2, 3)]
    return np.asarray(np.clip([0.0, *found], 0.0, [0.0, 1.0, 2.0, 3.0]))


def unigram_nats(train: Corpus, judged: Corpus, *, vocabulary_size: int) -> Floats:
    """Nats of every target from the shares of units alone, one added to every count."""
    counts = np.bincount(train.targets, minlength=vocabulary_size) + 1.0
    return np.asarray(-np.log(counts / counts.sum())[judged.targets])
