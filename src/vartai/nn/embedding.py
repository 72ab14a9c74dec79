"""Embeddings whose gradient is only ever as large as the rows in use.

A dense gradient over a table of 100,000 words costs more than all the rest of a training step. Here
each training pass takes out the rows it needs, once each, as a small dense leaf; the optimiser
reads their gradient there and writes the rows back (`vartai.training.adam`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class RowsInUse:
    """Rows of a table that one pass reads.

    Args:
        ids: ``[U]``, int64, sorted, each once.
        rows: ``[U, D]``. A leaf; after the backward pass it has a gradient.
    """

    ids: Tensor
    rows: Tensor


class Embedding(nn.Module):
    """A table of V vectors of D numbers, looked up by id.

    In training, unless `weight` is frozen, `in_use` lists the rows of every pass since it was last
    cleared; `weight.grad` stays None. Otherwise it is a plain lookup.
    """

    def __init__(self, vocabulary_size: int, embedding_size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(vocabulary_size, embedding_size))
        self.in_use: list[RowsInUse] = []
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw every vector from a normal distribution with standard deviation 1/√D."""
        nn.init.normal_(self.weight, std=self.weight.size(1) ** -0.5)

    def forward(self, ids: Tensor) -> Tensor:
        """``[…]`` int64 to ``[…, D]``."""
        place, rows = self._take(ids)
        return nn.functional.embedding(place, rows)

    def _take(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Where each id is in which rows: those in use if training, else the whole table."""
        if not (self.training and torch.is_grad_enabled() and self.weight.requires_grad):
            return ids, self.weight
        unique, place = torch.unique(ids, return_inverse=True)
        rows = self.weight.detach().index_select(0, unique).requires_grad_()
        self.in_use.append(RowsInUse(unique, rows))
        return place, rows

    def extra_repr(self) -> str:
        """Both sizes."""
        return f"{self.weight.size(0)}, {self.weight.size(1)}"


class MeanEmbedding(Embedding):
    """The mean of the vectors of several ids, of which 0 is none.

    Args:
        vocabulary_size: V, the id 0 included.
        embedding_size: D.
        columns: F, ids a row at most.
    """

    def __init__(self, vocabulary_size: int, embedding_size: int, columns: int) -> None:
        self.columns = columns
        super().__init__(vocabulary_size, embedding_size)

    def reset_parameters(self) -> None:
        """Draw as `Embedding` does, wider by √F, so that a mean is about as long as one of its."""
        nn.init.normal_(self.weight, std=(self.columns / self.weight.size(1)) ** 0.5)

    def forward(self, ids: Tensor) -> Tensor:
        """``[N, F]`` int64 to ``[N, D]``; zeros for a row without ids."""
        place, rows = self._take(ids)
        # Rows in use are sorted by id, so none is the first of them, if it is there at all.
        none = 0 if len(ids) and int(ids.min()) == 0 else None
        return nn.functional.embedding_bag(place, rows, mode="mean", padding_idx=none)
