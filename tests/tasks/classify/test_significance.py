"""The exact McNemar test."""

from __future__ import annotations

import numpy as np
import pytest

from vartai.tasks.classify.significance import paired_test


def _outcomes(both: int, only_a: int, only_b: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    a = [True] * (both + only_a) + [False] * (only_b + neither)
    b = [True] * both + [False] * only_a + [True] * only_b + [False] * neither
    return np.array(a), np.array(b)


@pytest.mark.parametrize(
    ("only_a", "only_b", "expected"),
    # By hand: twice the tail of a fair coin, e.g. 2 * (1 + 9 + 36) / 2**9.
    [(0, 0, 1.0), (5, 0, 0.0625), (2, 7, 0.1796875), (4, 4, 1.0), (1, 0, 1.0)],
)
def test_p_is_twice_the_tail_of_a_fair_coin(only_a: int, only_b: int, expected: float) -> None:
    assert paired_test(*_outcomes(3, only_a, only_b, 2)) == pytest.approx(expected)


def test_texts_on_which_both_agree_do_not_count() -> None:
    few, many = _outcomes(0, 2, 9, 0), _outcomes(500, 2, 9, 300)
    assert paired_test(*few) == pytest.approx(paired_test(*many))


def test_the_order_of_the_two_does_not_matter() -> None:
    a, b = _outcomes(4, 2, 9, 1)
    assert paired_test(a, b) == pytest.approx(paired_test(b, a))


def test_different_numbers_of_texts_are_refused() -> None:
    with pytest.raises(ValueError, match=r"paired_test: \(2,\) texts against \(3,\)"):
        paired_test(np.zeros(2, bool), np.zeros(3, bool))
