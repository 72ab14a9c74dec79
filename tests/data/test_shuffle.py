"""The shuffled-words control."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vartai.data.shuffle import shuffle_words


@given(st.text(), st.integers(0, 2**32))
def test_shuffling_keeps_every_word(text: str, seed: int) -> None:
    assert sorted(shuffle_words(text, np.random.default_rng(seed)).split()) == sorted(text.split())


def test_every_order_comes_up_about_equally_often() -> None:
    random = np.random.default_rng(0)
    orders = [shuffle_words("a b c", random) for _ in range(6_000)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert 850 < min(counts) <= max(counts) < 1150
