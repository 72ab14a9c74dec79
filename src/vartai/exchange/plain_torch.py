"""Models in plain torch, as short as they can be: what `vartai export --to torch` prints.

Their source is written beside the weights, so it uses torch alone, and what was checked is what
is printed.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class TextClassifier(nn.Module):
    """Ids ``[B, T]`` and lengths ``[B]``, each at least 1, to scores ``[B, labels]``."""

    def __init__(
        self, embedding: nn.Embedding, layers: nn.RNNBase, pool: str, output: nn.Linear
    ) -> None:
        super().__init__()
        self.embedding, self.layers, self.pool, self.output = embedding, layers, pool, output

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Score a batch."""
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embedding(ids), lengths, batch_first=True, enforce_sorted=False
        )
        outputs, state = self.layers(packed)
        rows, _ = nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True)
        if self.pool == "last":
            hidden = state[0] if isinstance(state, tuple) else state
            pooled = torch.cat(list(hidden[-2 if self.layers.bidirectional else -1 :]), 1)
        elif self.pool == "mean":
            pooled = rows.sum(1) / lengths[:, None]
        else:
            past = torch.arange(rows.size(1)) >= lengths[:, None]
            pooled = rows.masked_fill(past[:, :, None], -torch.inf).amax(1)
        scores: Tensor = self.output(pooled)
        return scores


class LanguageModel(nn.Module):
    """Ids ``[B, T]`` to the scores ``[B, T, V]`` of what follows each, and the state."""

    def __init__(self, embedding: nn.Embedding, layers: nn.RNNBase, output: nn.Module) -> None:
        super().__init__()
        self.embedding, self.layers, self.output = embedding, layers, output

    def forward(self, ids: Tensor, state: object = None) -> tuple[Tensor, object]:
        """Score a batch, going on from a state."""
        rows, state = self.layers(self.embedding(ids), state)
        return self.output(rows), state
