"""A table of vectors begins with what the texts say."""

from __future__ import annotations

import numpy as np
import torch

from vartai.nn.embedding import Embedding
from vartai.sequences import SequenceBatch
from vartai.tasks.counted_vectors import begin_with_counts


def _begin(embedding: Embedding, texts: list[list[int]]) -> list[str]:
    notes: list[str] = []
    ids = torch.tensor([token for text in texts for token in text], dtype=torch.int64)
    batch = SequenceBatch(ids, torch.tensor([len(text) for text in texts]))
    counts = np.bincount(ids.numpy(), minlength=len(embedding.weight))
    begin_with_counts(embedding, [batch], counts, notes.append)
    return notes


def test_tokens_used_alike_are_alike_and_three_times_as_long_as_random_ones() -> None:
    torch.manual_seed(0)
    embedding = Embedding(8, 3)
    random = embedding.weight.detach().clone()
    # 3 and 4 stand in the same places, 5 in others; 6 stands alone, 7 nowhere.
    texts = [[1, 3, 2], [1, 4, 2], [2, 5, 5, 1], [6]] * 3
    assert _begin(embedding, texts)[-1] == "vectors of 5 tokens counted from the texts"
    vectors = embedding.weight.detach()
    torch.testing.assert_close(vectors[3], vectors[4])
    assert not torch.allclose(vectors[3], vectors[5], atol=0.1)
    torch.testing.assert_close(vectors[[0, 6, 7]], random[[0, 6, 7]])
    # Random ones have a squared number of 1/D in the mean; these are three times as long.
    read = torch.tensor([token for text in texts for token in text if token != 6])
    squared = vectors[read].square().mean() * len(read) / sum(map(len, texts))
    torch.testing.assert_close(squared, torch.tensor(9 / 3))


def test_where_nothing_can_be_counted_vectors_stay_random_and_it_is_said() -> None:
    few, alone = Embedding(3, 3), Embedding(5, 3)
    before = few.weight.detach().clone(), alone.weight.detach().clone()
    assert _begin(few, [[0, 1, 2]]) == [
        "3 tokens are too few to count 3 numbers of each: random vectors"
    ]
    for texts in ([[0], [1], [4]], [[], []]):
        assert _begin(alone, texts)[-1] == "no token stands beside another: random vectors"
    torch.testing.assert_close(few.weight.detach(), before[0])
    torch.testing.assert_close(alone.weight.detach(), before[1])
