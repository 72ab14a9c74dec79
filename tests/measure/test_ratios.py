"""Ratios of interleaved times: what they say of noise, of drift, of a real difference."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.measure.ratios import LEAST_ROUNDS, geometric_mean, paired_ratio

TIMES = st.lists(st.floats(0.001, 1000.0), min_size=LEAST_ROUNDS, max_size=60)


def noisy(chance: random.Random, rounds: int, *, faster: float = 1.0) -> tuple[list[float], ...]:
    """Times of two works on a machine whose speed wanders from round to round."""
    wander = [chance.lognormvariate(0, 0.5) for _ in range(rounds)]
    one = [state * chance.lognormvariate(0, 0.05) * faster for state in wander]
    return one, [state * chance.lognormvariate(0, 0.05) for state in wander]


def test_a_machine_that_slows_down_for_everybody_changes_nothing() -> None:
    base = [1.0, 1.0, 20.0, 20.0, 3.0, 1.0, 7.0]
    ratio = paired_ratio([2.5 * time for time in base], base)
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((2.5, 2.5, 2.5))


def test_the_interval_of_the_same_code_holds_1_nineteen_times_in_twenty() -> None:
    chance = random.Random(3)
    found = [paired_ratio(*noisy(chance, 20)) for _ in range(1000)]
    share = sum(ratio.low <= 1.0 <= ratio.high for ratio in found) / len(found)
    # The interval of 20 rounds that is the next narrower one would hold it in 88 % of cases.
    assert 0.94 <= share <= 0.98


def test_a_tenth_that_is_real_is_seen() -> None:
    chance = random.Random(4)
    found = [paired_ratio(*noisy(chance, 40, faster=1.1)) for _ in range(200)]
    assert sum(ratio.low > 1.0 for ratio in found) / len(found) > 0.95


@given(TIMES, st.randoms(use_true_random=False))
def test_the_interval_holds_the_value_and_turns_over_with_the_roles(
    times: list[float], chance: random.Random
) -> None:
    base = [chance.uniform(0.5, 2.0) for _ in times]
    ratio, inverse = paired_ratio(times, base), paired_ratio(base, times)
    assert ratio.low <= ratio.value <= ratio.high
    assert (inverse.low, inverse.high) == pytest.approx((1 / ratio.high, 1 / ratio.low))


def test_too_few_rounds_and_rounds_without_a_partner_are_refused() -> None:
    with pytest.raises(ValueError, match="6 at least, got 5 and 5"):
        paired_ratio([1.0] * 5, [1.0] * 5)
    with pytest.raises(ValueError, match="got 8 and 7"):
        paired_ratio([1.0] * 8, [1.0] * 7)


def test_the_mean_of_a_ratio_and_its_inverse_is_1() -> None:
    assert geometric_mean([8.0, 0.125]) == pytest.approx(1.0)
