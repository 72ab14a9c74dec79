"""Choosing: the likeliest, or draws in the proportions of the scores."""

from __future__ import annotations

import numpy as np
import pytest

from vartai.decoding.choosing import Chooser, Sampler, choose_likeliest, token_at
from vartai.errors import RunError

SHARES = np.array([0.0, 0.6, 0.3, 0.0, 0.1, 0.0])
with np.errstate(divide="ignore"):
    SCORES = np.log(SHARES)


def test_the_likeliest_is_chosen_and_of_equal_ones_the_first() -> None:
    assert choose_likeliest(SCORES) == 1
    assert choose_likeliest(np.zeros(3)) == 0


def test_draws_come_in_the_proportions_of_the_scores_and_never_one_that_is_banned() -> None:
    draw = Sampler(seed=5, row=0)
    counts = np.bincount([draw(SCORES) for _ in range(4_000)], minlength=6)
    assert (counts[SHARES == 0] == 0).all()
    # Four standard errors of a share of 4,000 draws.
    assert np.abs(counts / 4_000 - SHARES).max() < 4 * np.sqrt(0.25 / 4_000)


def test_a_row_draws_the_same_whatever_rows_are_beside_it_and_no_two_rows_alike() -> None:
    level = np.zeros(50)
    alone = Sampler(seed=1, row=3)
    drawn = [alone(level) for _ in range(20)]
    together = [Sampler(seed=1, row=row) for row in range(5)]
    beside = [[draw(level) for draw in together] for _ in range(20)]
    assert [row[3] for row in beside] == drawn
    assert [row[2] for row in beside] != drawn
    other_seed = Sampler(seed=2, row=3)
    assert [other_seed(level) for _ in range(20)] != drawn


def test_numbers_drawn_ahead_are_those_of_the_generator_one_after_another() -> None:
    level, one_by_one = np.zeros(1000), np.random.default_rng((4, 2))
    draw = Sampler(seed=4, row=2)
    drawn = [draw(level) for _ in range(200)]
    assert drawn == [int(1000 * one_by_one.random()) for _ in range(200)]


def test_scores_too_low_for_a_share_of_their_own_are_drawn_by_their_differences() -> None:
    far = SCORES - 2_000.0
    assert np.exp(far).sum() == 0
    numbers = np.arange(0.005, 1, 0.01)
    assert [token_at(far, n) for n in numbers] == [token_at(SCORES, n) for n in numbers]


@pytest.mark.parametrize("choose", [choose_likeliest, Sampler(seed=0, row=0)])
def test_a_choice_among_none_is_an_error(choose: Chooser) -> None:
    with pytest.raises(RunError, match="no token is left to choose from"):
        choose(np.full(5, -np.inf))
