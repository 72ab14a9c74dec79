"""Rows in a grid by what they ask, and back."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from vartai.nn.query_grid import QueryGrid


@given(counts=st.lists(st.integers(0, 4), min_size=1, max_size=6))
def test_rows_come_back_as_they_went_and_stand_with_what_they_ask(counts: list[int]) -> None:
    sequence = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    rows = torch.arange(1.0, len(sequence) + 1).unsqueeze(1).expand(-1, 2)
    grid = QueryGrid(sequence, len(counts))
    spread = grid.spread(rows)
    assert grid.collect(spread).equal(rows)
    for own, place in zip(spread, range(len(counts)), strict=True):
        there = own[own[:, 0] > 0]
        assert there.equal(rows[sequence == place])
