"""Word vectors counted from texts: what stands beside a word, in few numbers.

How often each word has each other one near it is a large table in which nearly all cells are empty.
Its cells become positive pointwise mutual information, how much more often two stand together than
by chance; the first singular vectors of that hold most of what it says. Words that are used alike
have like vectors, after minutes, where a network that guesses neighbours needs hours.

Source: Levy, Goldberg & Dagan 2015, "Improving distributional similarity with lessons learned from
word embeddings": contexts smoothed by the power 0.75, singular values by their square root.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from sklearn.utils.extmath import randomized_svd

from vartai.sequences import SequenceBatch
from vartai.text.tokens import Ids

WINDOW = 5
MOST_CONTEXTS = 20_000
_SMOOTHING = 0.75

Floats = npt.NDArray[np.float32]


def count_vectors(portions: Iterable[SequenceBatch], counts: Ids, *, size: int) -> Floats:
    """A vector of every token, from the company it keeps in these texts.

    Args:
        portions: the texts, some at once: memory grows with the largest, and with how many
            different pairs of tokens stand near each other.
        counts: ``[V]``. How often each token is in them.
        size: D, below V.

    Returns:
        ``[V, D]``; zeros for a token that has no neighbour.

    Raises:
        ValueError: D is not below V.

    Example:
        >>> import torch
        >>> texts = [[0, 1, 2], [0, 1, 3], [4, 5, 2], [4, 5, 3]]  # 2 and 3 are used alike
        >>> ids = torch.tensor(texts).flatten()
        >>> batch = SequenceBatch(ids, torch.tensor([3] * 4))
        >>> vectors = count_vectors([batch], np.bincount(ids), size=2)
        >>> bool(np.allclose(vectors[2], vectors[3], atol=1e-5))
        True
    """
    if not size < len(counts):
        raise ValueError(f"{len(counts)} tokens have no vectors of {size} numbers")
    information = _positive_information(_cooccurrences(portions, _columns(counts)))
    left, strength, _ = randomized_svd(information, size, random_state=0)
    vectors: Floats = (left * np.sqrt(strength)).astype(np.float32)
    # Nothing is known of these; what the decomposition leaves there is rounding.
    vectors[np.diff(information.indptr) == 0] = 0.0
    return vectors


def _columns(counts: Ids) -> Ids:
    """``[V]``: the column of each token among the contexts; -1 for a rare one, which is none."""
    frequent = np.argsort(-counts, kind="stable")[:MOST_CONTEXTS]
    columns = np.full(len(counts), -1, dtype=np.int64)
    columns[frequent] = np.arange(len(frequent))
    return columns


def _cooccurrences(portions: Iterable[SequenceBatch], columns: Ids) -> csr_array:
    """``[V, contexts]``: how often each context stands within the window of each token."""
    shape = (len(columns), int(columns.max()) + 1)
    total = csr_array(shape, dtype=np.float32)
    for batch in portions:
        words, contexts = _pairs(batch)
        cells = columns[contexts]
        counted = cells >= 0
        ones = np.ones(int(counted.sum()), dtype=np.float32)
        total = total + coo_array((ones, (words[counted], cells[counted])), shape=shape).tocsr()
    return total


def _pairs(batch: SequenceBatch) -> tuple[Ids, Ids]:
    """Every token within the window of another of its text, and that one, ``[pairs]`` each."""
    ids, text = batch.data.numpy(), batch.sequence_of_row().numpy()
    words: list[Ids] = []
    contexts: list[Ids] = []
    for distance in range(1, WINDOW + 1):
        together = text[distance:] == text[:-distance]
        earlier, later = ids[:-distance][together], ids[distance:][together]
        words += [earlier, later]
        contexts += [later, earlier]
    return np.concatenate(words), np.concatenate(contexts)


def _positive_information(near: csr_array) -> csr_array:
    """Counts to positive pointwise mutual information, in nats."""
    cells = near.tocoo()
    words = near.sum(axis=1).astype(np.float64)
    contexts = near.sum(axis=0).astype(np.float64) ** _SMOOTHING
    chance = words[cells.row] * contexts[cells.col] / contexts.sum()
    information = np.log(cells.data / chance).astype(np.float32)
    more = information > 0
    where = (cells.row[more], cells.col[more])
    return csr_array((information[more], where), shape=near.shape)
