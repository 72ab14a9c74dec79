"""Texts that go round in circles."""

from __future__ import annotations

from vartai.decoding.cycles import Cycle, find_cycle


def test_a_cycle_at_the_end_is_found_with_its_length() -> None:
    assert find_cycle(list(b"once " + b"and again " * 4)) == Cycle(10, 4)


def test_the_shortest_cycle_is_meant() -> None:
    assert find_cycle([1, 2] * 20) == Cycle(2, 20)


def test_a_round_that_has_begun_counts_towards_the_length_but_not_the_times() -> None:
    assert find_cycle([1, 2, 3, 4, 5, 6, 7, 8] * 3 + [1, 2, 3]) == Cycle(8, 3)


def test_twice_is_no_cycle_and_a_short_stutter_neither() -> None:
    assert find_cycle(list(b"the very same words stand here " * 2)) is None
    assert find_cycle(list(b"ha" * 5)) is None
    assert find_cycle([]) is None


def test_a_circle_that_was_left_is_none() -> None:
    assert find_cycle(list(b"na" * 30 + b"batman")) is None
