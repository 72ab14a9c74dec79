"""Hashed n-gram features."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vartai.tasks.classify.ngram_features import (
    BLOCK_BUCKETS,
    LONG_TEXTS,
    SHORT_TEXTS,
    Block,
    NgramWeights,
    count_ngrams,
    word_ngrams,
    word_triples,
)

TEXTS = ["not bad , it is good", "not good , it is bad", "ne blogas , o geras", ""]


def test_a_bucket_never_moves() -> None:
    """A saved path depends on it: the same n-gram falls in the same bucket, always."""
    counts = count_ngrams(["good"], LONG_TEXTS)
    assert sorted(counts.indices) == [384_173, 2_195_521, 2_244_761, 9_219_846]


def test_each_block_has_buckets_of_its_own() -> None:
    whole = count_ngrams(TEXTS, Block)
    assert whole.shape == (4, 3 * BLOCK_BUCKETS)
    for block in Block:
        own = slice(block * BLOCK_BUCKETS, (block + 1) * BLOCK_BUCKETS)
        alone = count_ngrams(TEXTS, [block])
        assert (alone[:, own] != whole[:, own]).nnz == 0
        assert alone.nnz == alone[:, own].nnz > 0


def test_an_ngram_that_occurs_twice_counts_twice() -> None:
    text = "no , no , no , yes"
    for block, ngrams in ((Block.WORDS, word_ngrams), (Block.TRIPLES, word_triples)):
        times = Counter(ngrams(text)).values()
        assert sorted(count_ngrams([text], [block]).data) == sorted(times)
        assert max(times) > 1


def test_the_order_of_words_changes_the_features() -> None:
    one, other = TEXTS[:2]
    assert sorted(one.split()) == sorted(other.split())
    assert sorted(word_ngrams(one)) != sorted(word_ngrams(other))


def test_each_block_of_a_text_has_length_one() -> None:
    for blocks in (SHORT_TEXTS, LONG_TEXTS):
        counts = count_ngrams(TEXTS[:3], blocks)
        weights = NgramWeights.of(counts, min_texts=1)
        features = weights.apply(counts).toarray()
        assert tuple(weights.parts()) == blocks
        for part in weights.parts().values():
            np.testing.assert_allclose(np.linalg.norm(features[:, part], axis=1), 1, rtol=1e-5)


def test_buckets_that_are_not_kept_leave_no_trace() -> None:
    """Features are those of counting only what is kept, weighed bucket by bucket."""
    counts = count_ngrams(TEXTS, SHORT_TEXTS)
    weights = NgramWeights.of(counts, min_texts=2)
    kept = counts[:, weights.buckets].toarray()
    expected = np.where(kept > 0, 1 + np.log(np.maximum(kept, 1)), 0) * weights.scale
    for part in weights.parts().values():
        length = np.linalg.norm(expected[:, part], axis=1, keepdims=True)
        expected[:, part] /= np.maximum(length, 1e-9)
    found = weights.apply(counts).toarray()
    assert 0 < len(weights.buckets) < len(np.unique(counts.indices))
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


def test_rare_buckets_are_left_out() -> None:
    counts = count_ngrams(["good film", "good book", "good"], [Block.WORDS])
    # "good" and "<s> good" occur in all three; every other n-gram in one.
    assert len(NgramWeights.of(counts, min_texts=2).buckets) == 2


@given(st.lists(st.text(max_size=30), min_size=1, max_size=6))
def test_any_text_has_features(texts: list[str]) -> None:
    counts = count_ngrams(texts, Block)
    features = NgramWeights.of(counts, min_texts=1).apply(counts)
    assert features.shape[0] == len(texts)
    assert np.isfinite(features.data).all()
