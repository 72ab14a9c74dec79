"""Hashed n-gram features."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vartai.tasks.classify.ngram_features import (
    BLOCK_BUCKETS,
    NgramWeights,
    count_ngrams,
    word_ngrams,
)

TEXTS = ["not bad , it is good", "not good , it is bad", "ne blogas , o geras", ""]


def test_a_bucket_never_moves() -> None:
    """A saved path depends on it: the same n-gram falls in the same bucket, always."""
    counts = count_ngrams(["good"], characters=False)
    assert sorted(counts.indices) == [98_369, 147_609, 384_173]


def test_words_and_characters_have_a_half_of_the_buckets_each() -> None:
    both, words = (count_ngrams(TEXTS, characters=flag) for flag in (True, False))
    assert both.shape == words.shape == (4, 2 * BLOCK_BUCKETS)
    assert (both[:, :BLOCK_BUCKETS] != words[:, :BLOCK_BUCKETS]).nnz == 0
    assert words[:, BLOCK_BUCKETS:].nnz == 0 < both[:, BLOCK_BUCKETS:].nnz


def test_the_order_of_words_changes_the_features() -> None:
    one, other = TEXTS[:2]
    assert sorted(one.split()) == sorted(other.split())
    assert sorted(word_ngrams(one)) != sorted(word_ngrams(other))


def test_each_block_of_a_text_has_length_one() -> None:
    counts = count_ngrams(TEXTS, characters=True)
    weights = NgramWeights.of(counts, min_texts=1)
    features = weights.apply(counts).toarray()
    for block in (features[:, : weights.words], features[:, weights.words :]):
        np.testing.assert_allclose(np.linalg.norm(block, axis=1), 1, rtol=1e-5)


def test_rare_buckets_are_left_out() -> None:
    counts = count_ngrams(["good film", "good book", "good"], characters=False)
    # "good" and "<s> good" occur in all three; every other n-gram in one.
    assert len(NgramWeights.of(counts, min_texts=2).buckets) == 2


@given(st.lists(st.text(max_size=30), min_size=1, max_size=6))
def test_any_text_has_features(texts: list[str]) -> None:
    counts = count_ngrams(texts, characters=True)
    features = NgramWeights.of(counts, min_texts=1).apply(counts)
    assert features.shape[0] == len(texts)
    assert np.isfinite(features.data).all()
