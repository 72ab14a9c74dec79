"""The few highest scores are those of a full sort."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from vartai.decoding.top import top_scores


@given(
    rows=st.integers(0, 4),
    columns=st.integers(1, 700),
    count=st.integers(1, 9),
    few=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_the_highest_are_found(rows: int, columns: int, count: int, few: bool, seed: int) -> None:
    draw = torch.Generator().manual_seed(seed)
    scores = torch.randn(rows, columns, generator=draw)
    if few:  # many equal scores, and some that are impossible
        scores = scores.round().masked_fill(scores > 1, -torch.inf)
    count = min(count, columns)
    values, places = top_scores(scores, count)
    expected, _ = scores.sort(1, descending=True)
    assert torch.equal(values, expected[:, :count])
    assert torch.equal(scores.gather(1, places), values)
    assert all(len(set(row)) == count for row in places.tolist())
