"""Cases: what they are called and how much work they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vartai.measure.cases import SIZES, Case, full_cases, quick_cases


def test_no_two_cases_have_one_name() -> None:
    names = [case.name for case in full_cases(("portable", "avx2", "avx512"))]
    assert len(names) == len(set(names))
    assert {case.name for case in quick_cases()} <= set(names)


def test_every_instruction_set_but_the_best_is_measured_by_itself() -> None:
    forced = [case.instruction_set for case in full_cases(("portable", "avx2", "avx512"))]
    assert forced.count("portable") == forced.count("avx2") == 12
    assert "avx512" not in forced


def test_means_are_taken_over_every_cell_and_size_at_the_best_instruction_set() -> None:
    regular = [case for case in full_cases(("portable", "avx2")) if case.is_regular]
    assert len(regular) == 60
    assert {(case.sequences, case.steps, case.size) for case in regular} == set(SIZES)


def test_ragged_lengths_are_the_same_every_time_and_span_their_range() -> None:
    case = Case("GRU", 64, 60, 256, ragged=True)
    lengths = case.lengths
    assert lengths.tolist() == case.lengths.tolist()
    assert (int(lengths.max()), lengths[lengths < 7].tolist()) == (60, [])
    assert 0.4 < case.fill < 0.7
    assert replace(case, ragged=False).fill == 1.0


@pytest.mark.parametrize(
    ("case", "count"),
    [
        # 7 rows, each 3 gates of 5 units from 5 inputs and 5 units.
        (Case("GRU", 1, 7, 5), 7 * 3 * 5 * 10),
        (Case("GRU", 1, 7, 5, training=True), 3 * 7 * 3 * 5 * 10),
        # Two directions; the second layer reads both.
        (Case("LSTM", 2, 3, 5, layers=2, bidirectional=True), 6 * 2 * 4 * 5 * (10 + 15)),
    ],
)
def test_products_are_counted_as_by_hand(case: Case, count: int) -> None:
    assert case.multiply_adds == count
