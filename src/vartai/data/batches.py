"""Batches by a budget of tokens, of texts of similar length, in an order that a seed decides."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from vartai.sequences import SequenceBatch

Ids = NDArray[np.int64]

# Texts are sorted by length within a pool of this many batches: long enough that neighbours are
# nearly equal, short enough that every epoch has batches of its own.
_POOL = 50


class TokenStore:
    """Many id sequences in one flat array: no object a text, one copy a batch.

    Args:
        sequences: ``[length]`` int64 each.
    """

    def __init__(self, sequences: Sequence[Ids]) -> None:
        self.lengths: Ids = np.array([len(ids) for ids in sequences], dtype=np.int64)
        self._flat = np.concatenate(sequences) if sequences else np.zeros(0, dtype=np.int64)
        self._starts = np.cumsum(self.lengths) - self.lengths

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, chosen: Ids) -> SequenceBatch:
        """The sequences of these indices, in this order."""
        lengths = self.lengths[chosen]
        # Row r of the batch comes from the start of its sequence plus its step within it.
        step = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        rows = self._flat[np.repeat(self._starts[chosen], lengths) + step]
        return SequenceBatch(torch.from_numpy(rows), torch.from_numpy(lengths))


def natural_batch_size(texts: int) -> int:
    """Texts a batch where none is chosen: few for few texts, so that there are enough steps.

    Example:
        >>> [natural_batch_size(texts) for texts in (500, 7_000, 25_000, 1_000_000)]
        [32, 64, 128, 256]
    """
    return int(np.clip(2 ** round(math.log2(max(1, texts) / 150)), 32, 256))


def plan_epoch(
    lengths: Ids, *, batch_tokens: int, batch_size: int, seed: int, epoch: int
) -> list[Ids]:
    """Which sequences make up each batch of an epoch; every one exactly once.

    Args:
        lengths: ``[texts]``. Steps of each.
        batch_tokens: a batch holds at most this many steps, counting each of its texts as long as
            its longest; a text longer than that is a batch of its own.
        batch_size: and at most this many texts.
        seed: with `epoch`, decides everything.
        epoch: from 0.

    Returns:
        Index arrays ``[texts in the batch]``.
    """
    random = np.random.default_rng([seed, epoch])
    order = random.permutation(len(lengths))
    pool = max(1, _POOL * _texts_a_batch(lengths, batch_tokens, batch_size))
    batches: list[Ids] = []
    for start in range(0, len(order), pool):
        part = order[start : start + pool]
        part = part[np.argsort(lengths[part], kind="stable")]
        batches.extend(_cut(part, lengths, batch_tokens, batch_size))
    return [batches[place] for place in random.permutation(len(batches))]


def plan_in_order(lengths: Ids, *, batch_tokens: int, batch_size: int) -> list[Ids]:
    """Batches for evaluation: shortest first, nothing random."""
    order = np.argsort(lengths, kind="stable")
    return _cut(order, lengths, batch_tokens, batch_size)


def _texts_a_batch(lengths: Ids, batch_tokens: int, batch_size: int) -> int:
    mean = max(1.0, float(lengths.mean())) if len(lengths) else 1.0
    return min(batch_size, max(1, int(batch_tokens / mean)))


def _cut(ordered: Ids, lengths: Ids, batch_tokens: int, batch_size: int) -> list[Ids]:
    """Cut an array sorted by rising length into batches within both bounds."""
    batches: list[Ids] = []
    start = 0
    for end in range(len(ordered)):
        steps = max(1, int(lengths[ordered[end]]))
        full = end - start >= batch_size or (end - start + 1) * steps > batch_tokens
        if full and end > start:
            batches.append(ordered[start:end])
            start = end
    if start < len(ordered):
        batches.append(ordered[start:])
    return batches
