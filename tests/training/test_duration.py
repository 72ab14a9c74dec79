"""Lengths of time as they are typed."""

from __future__ import annotations

import pytest

from vartai.errors import OptionError
from vartai.training.duration import parse_duration


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("90", 90), ("90s", 90), ("10m", 600), ("2h", 7200), ("1m30s", 90), ("1.5h", 5400)],
)
def test_units_may_stand_alone_or_together(typed: str, seconds: float) -> None:
    assert parse_duration(typed, option="time") == seconds
    assert parse_duration(f" {typed} ", option="time") == seconds


@pytest.mark.parametrize("typed", ["", "x", "10x", "30s1m", "0s", "-3", "m", "1h30", "1m1m"])
def test_what_is_no_length_of_time_is_refused(typed: str) -> None:
    with pytest.raises(OptionError, match="time must be a length of time such as 90s, 10m or 1h"):
        parse_duration(typed, option="time")
