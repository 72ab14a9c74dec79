"""Counting n-grams: a distribution, and the one that the equations give."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest

from vartai.data.streams import build_corpus
from vartai.tasks.generate.ngram import NgramModel, unigram_nats

V = 6
DRAWN = np.random.default_rng(4)
DOCUMENTS = [DRAWN.integers(2, V, size=n) ** 1 for n in (60, 25, 1)]


def corpus(*documents: np.ndarray) -> object:
    return build_corpus(list(documents), before=[0] * len(documents), ends=False)


class ByHand:
    """The same model in dictionaries, straight from the equations."""

    def __init__(self, documents: list[list[int]], order: int) -> None:
        self.order = order
        rows = [[0, *document] for document in documents]
        self.counts: list[Counter[tuple[int, ...]]] = []
        for length in range(1, order + 1):
            seen: Counter[tuple[int, ...]] = Counter()
            before: dict[tuple[int, ...], set[object]] = defaultdict(set)
            for row in rows:
                for end in range(max(1, length - 1), len(row)):
                    gram = tuple(row[end - length + 1 : end + 1])
                    seen[gram] += 1
                    before[gram].add(row[end - length] if end >= length else "beginning")
            top = length == order
            self.counts.append(
                seen if top else Counter({gram: len(kinds) for gram, kinds in before.items()})
            )

    def discount(self, length: int, count: int) -> float:
        n = Counter(self.counts[length - 1].values())
        if not all(n[k] for k in (1, 2, 3, 4)):
            return (0.0, 0.5, 0.75, 0.75)[min(count, 3)]
        y = n[1] / (n[1] + 2 * n[2])
        k = min(count, 3)
        return min(max(k - (k + 1) * y * n[k + 1] / n[k], 0.0), float(k)) if k else 0.0

    def chance(self, context: tuple[int, ...], token: int) -> float:
        length = len(context) + 1
        lower = 1 / V if not context else self.chance(context[1:], token)
        own = {g: c for g, c in self.counts[length - 1].items() if g[:-1] == context}
        total = sum(own.values())
        if not total:
            return lower
        count = own.get((*context, token), 0)
        left = sum(self.discount(length, c) for c in own.values())
        return (max(count - self.discount(length, count), 0.0) + left * lower) / total


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_counts_in_arrays_are_the_equations_in_dictionaries(order: int) -> None:
    model = NgramModel(corpus(*DOCUMENTS), order=order, vocabulary_size=V)
    reference = ByHand([d.tolist() for d in DOCUMENTS], order)
    text = DRAWN.integers(1, V, size=40)
    row = [0, *text.tolist()]
    expected = [
        -np.log(reference.chance(tuple(row[max(0, i - order + 1) : i]), row[i]))
        for i in range(1, len(row))
    ]
    assert model.nats(corpus(text)) == pytest.approx(expected)


def test_probabilities_of_all_units_add_up_to_one() -> None:
    model = NgramModel(corpus(*DOCUMENTS), order=3, vocabulary_size=V)
    for context in ([3, 4], [5, 5], [1, 1]):
        nats = [model.nats(corpus(np.array([*context, last])))[-1] for last in range(V)]
        assert np.exp(-np.array(nats)).sum() == pytest.approx(1.0)


def test_a_longer_context_foretells_what_depends_on_it() -> None:
    pattern = np.array([2, 3, 4, 2, 3, 5] * 40)
    model = NgramModel(corpus(pattern), order=4, vocabulary_size=V)
    short = NgramModel(corpus(pattern), order=2, vocabulary_size=V)
    assert model.nats(corpus(pattern)).mean() < 0.6 * short.nats(corpus(pattern)).mean()


def test_shares_of_units_are_those_of_the_text_with_one_added() -> None:
    nats = unigram_nats(corpus(np.array([2, 2, 3])), corpus(np.array([2, 4])), vocabulary_size=5)
    assert nats == pytest.approx(-np.log([3 / 8, 1 / 8]))
