"""Vectors counted from texts say what the texts say."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vartai.sequences import SequenceBatch
from vartai.text import cooccurrence
from vartai.text.cooccurrence import count_vectors

V = 30


def _texts(count: int = 40) -> list[NDArray[np.int64]]:
    """Of unequal lengths, one token and none among them; token 29 never occurs."""
    random = np.random.default_rng(3)
    weights = 1.0 / np.arange(1, V)
    lengths = [0, 1, *random.integers(2, 25, count)]
    return [random.choice(V - 1, length, p=weights / weights.sum()) for length in lengths]


def _batch(texts: list[NDArray[np.int64]]) -> SequenceBatch:
    ids = torch.from_numpy(np.concatenate(texts))
    return SequenceBatch(ids, torch.tensor([len(text) for text in texts]))


def _information(texts: list[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Positive pointwise mutual information by the definition, a pair of places at a time."""
    near = np.zeros((V, V))
    for text in texts:
        for place, word in enumerate(text):
            for other in range(max(0, place - 5), min(len(text), place + 6)):
                near[word, text[other]] += other != place
    contexts = near.sum(0) ** 0.75
    chance = np.outer(near.sum(1), contexts / contexts.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(np.maximum(0.0, np.log(near / chance)), nan=0.0)


def test_their_products_are_those_of_the_information_of_the_definition() -> None:
    texts = _texts()
    counts = np.bincount(np.concatenate(texts), minlength=V)
    vectors = count_vectors([_batch(texts)], counts, size=V - 1).astype(np.float64)
    # Of U √S with all singular values, the products are those of the matrix's left half.
    left, strength, _ = np.linalg.svd(_information(texts))
    np.testing.assert_allclose(vectors @ vectors.T, left * strength @ left.T, atol=1e-3)
    assert not vectors[29].any()


def test_texts_in_portions_are_counted_as_texts_together() -> None:
    texts = _texts()
    counts = np.bincount(np.concatenate(texts), minlength=V)
    whole = count_vectors([_batch(texts)], counts, size=6)
    portions = [_batch(texts[:7]), _batch(texts[7:8]), _batch(texts[8:])]
    np.testing.assert_allclose(count_vectors(portions, counts, size=6), whole, atol=1e-5)


def test_a_rare_token_has_a_vector_and_is_no_context(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cooccurrence, "MOST_CONTEXTS", 4)
    texts = _texts()
    counts = np.bincount(np.concatenate(texts), minlength=V)
    vectors = count_vectors([_batch(texts)], counts, size=4)
    rare = int(np.argsort(counts)[3])
    assert counts[rare] > 0
    assert vectors[rare].any()


def test_more_numbers_than_tokens_are_refused() -> None:
    with pytest.raises(ValueError, match="2 tokens have no vectors of 2 numbers"):
        count_vectors([], np.array([3, 4]), size=2)
