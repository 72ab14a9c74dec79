"""Turns: everybody gets as many, in changing order."""

from __future__ import annotations

import time

from vartai.measure.ratios import LEAST_ROUNDS
from vartai.measure.turns import take_turns


def test_everybody_has_a_turn_in_every_round() -> None:
    times = take_turns({"short": lambda: None, "long": lambda: time.sleep(0.004)}, seconds=0.0)
    assert {name: len(found) for name, found in times.items()} == {
        "short": LEAST_ROUNDS,
        "long": LEAST_ROUNDS,
    }
    assert min(times["long"]) >= 0.004
    assert max(times["short"]) < 0.001


def test_nobody_always_follows_the_same_one() -> None:
    calls: list[str] = []

    def work(name: str) -> None:
        calls.append(name)
        time.sleep(0.003)  # longer than a turn: one call each

    names = ("a", "b", "c")
    take_turns({name: lambda name=name: work(name) for name in names}, seconds=0.0)
    rounds = calls[-3 * LEAST_ROUNDS :]
    orders = {tuple(rounds[place : place + 3]) for place in range(0, len(rounds), 3)}
    assert all(sorted(order) == ["a", "b", "c"] for order in orders)
    assert len(orders) > 1


def test_it_goes_on_until_the_time_is_up() -> None:
    began = time.perf_counter()
    times = take_turns({"short": lambda: None}, seconds=0.2)
    assert time.perf_counter() - began >= 0.2
    assert len(times["short"]) > LEAST_ROUNDS
