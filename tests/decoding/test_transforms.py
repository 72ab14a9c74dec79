"""Transforms of scores: what they keep, what they ban, and that no number is out of reach."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.decoding.options import SamplingOptions, build_transforms
from vartai.decoding.transforms import (
    NoRepeat,
    RepetitionPenalty,
    Scores,
    Temperature,
    TopK,
    TopP,
    probabilities,
)
from vartai.errors import OptionError

SCORES = np.log(np.array([0.5, 0.2, 0.15, 0.1, 0.05]))
numbers = st.lists(
    st.one_of(st.floats(-1e4, 0.0), st.just(-np.inf)), min_size=1, max_size=8
).filter(lambda values: any(np.isfinite(values)))


def left(scores: Scores) -> list[int]:
    return np.flatnonzero(np.isfinite(scores)).tolist()


@given(numbers, st.sampled_from([0.0, 1e-300, 1e-9, 0.3, 1.0, 7.0, 1e300, np.inf]))
def test_no_temperature_makes_a_number_that_is_none(
    values: list[float], temperature: float
) -> None:
    scores = np.array(values)
    found = Temperature(temperature)(scores, [])
    shares = probabilities(found)
    assert np.isfinite(shares).all()
    assert shares.sum() == pytest.approx(1.0)
    assert found[scores.argmax()] == found.max()
    assert (shares[np.isneginf(scores)] == 0).all()


def test_temperature_zero_leaves_the_likeliest_and_one_leaves_all_as_it_is() -> None:
    assert left(Temperature(0)(SCORES, [])) == [0]
    assert probabilities(Temperature(1)(SCORES, [])) == pytest.approx(np.exp(SCORES))


def test_a_high_temperature_levels_and_a_low_one_sharpens() -> None:
    assert probabilities(Temperature(1e300)(SCORES, [])) == pytest.approx([0.2] * 5)
    sharp = probabilities(Temperature(0.5)(SCORES, []))
    assert sharp == pytest.approx(np.exp(2 * SCORES) / np.exp(2 * SCORES).sum())


def test_top_k_keeps_so_many_and_of_equal_ones_the_first() -> None:
    assert left(TopK(2)(SCORES, [])) == [0, 1]
    assert left(TopK(2)(np.zeros(4), [])) == [0, 1]
    assert left(TopK(9)(SCORES, [])) == [0, 1, 2, 3, 4]


def test_top_p_keeps_the_fewest_that_have_the_share() -> None:
    assert left(TopP(0.5)(SCORES, [])) == [0]
    assert left(TopP(0.51)(SCORES, [])) == [0, 1]
    assert left(TopP(0.69)(SCORES[::-1], [])) == [3, 4]
    assert left(TopP(1e-12)(SCORES, [])) == [0]
    assert left(TopP(1.0)(SCORES, [])) == [0, 1, 2, 3, 4]


def test_a_repetition_penalty_makes_what_was_written_less_likely_but_only_lately() -> None:
    penalty = RepetitionPenalty(2.0, window=2)
    found = penalty(SCORES, [4, 1, 0])
    assert found == pytest.approx([2 * SCORES[0], 2 * SCORES[1], *SCORES[2:]])
    assert penalty(SCORES, []) == pytest.approx(SCORES)


def test_no_repeat_bans_what_would_write_the_same_tokens_again() -> None:
    assert left(NoRepeat(3)(SCORES, [1, 2, 3, 0, 1, 2])) == [0, 1, 2, 4]
    assert left(NoRepeat(2)(SCORES, [1, 2, 1, 3, 1])) == [0, 1, 4]
    assert left(NoRepeat(1)(SCORES, [0, 3])) == [1, 2, 4]
    assert left(NoRepeat(3)(SCORES, [1])) == [0, 1, 2, 3, 4]


def test_no_repeat_never_bans_every_token() -> None:
    assert left(NoRepeat(1)(SCORES, [0, 1, 2, 3, 4])) == [0, 1, 2, 3, 4]


def test_a_transform_leaves_the_scores_it_was_given_alone() -> None:
    before = SCORES.copy()
    for transform in build_transforms(
        SamplingOptions(temperature=0.5, top_k=3, top_p=0.9, repetition_penalty=2.0, no_repeat=1),
        banned=[1],
    ):
        transform(SCORES, [0, 2])
    assert (before == SCORES).all()


def test_options_become_transforms_in_the_order_that_makes_sense() -> None:
    options = SamplingOptions(
        temperature=0.7, top_k=2, top_p=0.9, no_repeat=3, repetition_penalty=1.5
    )
    found = [type(each).__name__ for each in build_transforms(options, banned=[7])]
    assert found == ["Ban", "NoRepeat", "RepetitionPenalty", "Temperature", "TopK", "TopP"]


def test_options_that_change_nothing_become_no_transforms() -> None:
    assert build_transforms(SamplingOptions(), banned=()) == []


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("temperature", -0.1, "temperature must be at least 0, was -0.1"),
        ("temperature", float("nan"), "temperature must be at least 0, was nan"),
        ("top_k", 0, "top_k must be at least 1, was 0"),
        ("top_p", 0.0, "top_p must be above 0 and at most 1, was 0.0"),
        ("top_p", 1.5, "top_p must be above 0 and at most 1, was 1.5"),
        ("repetition_penalty", 0.5, "repetition_penalty must be at least 1, was 0.5"),
        ("no_repeat", 0, "no_repeat must be at least 1, was 0"),
        ("seed", -1, "seed must be at least 0, was -1"),
    ],
)
def test_an_option_out_of_bounds_is_named(name: str, value: float, fault: str) -> None:
    with pytest.raises(OptionError, match=fault):
        SamplingOptions(**{name: value})
