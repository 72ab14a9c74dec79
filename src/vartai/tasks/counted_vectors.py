"""Word vectors counted from the user's own texts, in the place of random ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import nn

from vartai.nn.embedding import Embedding
from vartai.sequences import SequenceBatch
from vartai.text.cooccurrence import count_vectors
from vartai.text.tokens import Ids

# Random vectors are short, to be out of the way of what is learned; these are what is learned.
LENGTH = 3.0


def begin_with_counts(
    embedding: Embedding | nn.Embedding,
    portions: Iterable[SequenceBatch],
    counts: Ids,
    note: Callable[[str], None],
) -> None:
    """Put vectors of `vartai.text.cooccurrence` in place of the random ones.

    They are made `LENGTH` times as long as random ones are, in the mean over all that is read. A
    token that stands beside no other keeps its random vector.

    Args:
        embedding: ``[V, D]``.
        portions: the texts, some at once.
        counts: ``[V]``. How often each token is in them.
        note: told what became of it.
    """
    vocabulary_size, size = embedding.weight.shape
    if vocabulary_size <= size:
        note(
            f"{vocabulary_size} tokens are too few to count {size} numbers of each: random vectors"
        )
        return
    note("counting which tokens stand near which")
    vectors = count_vectors(portions, counts, size=size)
    squares = (vectors.astype(np.float64) ** 2).mean(axis=1)
    known = np.flatnonzero(squares)
    if not len(known):
        note("no token stands beside another: random vectors")
        return
    length = np.sqrt(np.average(squares, weights=counts))
    with torch.no_grad():
        scaled = torch.from_numpy(vectors[known] * (LENGTH / (length * np.sqrt(size))))
        embedding.weight[torch.from_numpy(known)] = scaled.to(embedding.weight)
    note(f"vectors of {len(known):,} tokens counted from the texts")
