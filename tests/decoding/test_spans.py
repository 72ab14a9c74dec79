from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from vartai.decoding.spans import best_spans

SCORES = arrays.arrays(np.float64, 7, elements=st.floats(-5, 5))


@given(SCORES, SCORES, st.integers(1, 9))
def test_the_first_is_the_best_of_all_legal_spans(
    start: np.ndarray, end: np.ndarray, longest: int
) -> None:
    legal = [(i, j) for i in range(7) for j in range(i, min(7, i + longest))]
    best = max(start[i] + end[j] for i, j in legal)
    [found] = best_spans(start, end, longest=longest, count=1)
    assert (found.first, found.last) in legal
    assert found.score == best == start[found.first] + end[found.last]


@given(SCORES, SCORES, st.integers(1, 9))
def test_none_overlaps_a_better_one(start: np.ndarray, end: np.ndarray, longest: int) -> None:
    found = best_spans(start, end, longest=longest, count=100)
    taken: set[int] = set()
    for span in found:
        steps = set(range(span.first, span.last + 1))
        assert not steps & taken
        taken |= steps
    assert [span.score for span in found] == sorted((s.score for s in found), reverse=True)
    assert len(taken) == 7


def test_of_equals_the_earlier_and_then_the_shorter_wins() -> None:
    zeros = np.zeros(4)
    assert best_spans(zeros, zeros, longest=4, count=1) == [(0, 0, 0.0)]


def test_nothing_has_no_spans() -> None:
    assert best_spans(np.zeros(0), np.zeros(0), longest=3, count=2) == []
