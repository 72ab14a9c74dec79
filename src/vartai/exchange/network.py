"""The parts of an imported model, whoever trained it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from vartai.nn.layers import RecurrentLayers
from vartai.nn.pooling import LastPool, MaxPool, MeanPool
from vartai.sequences import SequenceBatch


@dataclass(frozen=True, eq=False)
class Network:
    """Embedding, recurrent layers, output.

    Args:
        embedding: ``[V, D]``, in the other program's order of ids.
        layers: over the vectors.
        pool: of a classifier: last, mean or max; ``none`` where every step has scores.
        weight: of the output ``[K, F]``.
        bias: of the output ``[K]``.
        notes: what is worth knowing of how they were found.
    """

    embedding: Tensor
    layers: RecurrentLayers
    pool: str
    weight: Tensor
    bias: Tensor
    notes: tuple[str, ...]

    def with_output(self, weight: Tensor, bias: Tensor) -> Network:
        """The same with another output."""
        return replace(self, weight=weight, bias=bias)

    def scores(self, ids: Tensor) -> Tensor:
        """``[B, T]`` to ``[B, K]``, or ``[B, T, K]`` without a pool."""
        with torch.no_grad():
            outputs, _ = self.layers(SequenceBatch.from_equal(self.embedding[ids]))
            pools = {
                "last": LastPool(bidirectional=self.layers.bidirectional),
                "mean": MeanPool(),
                "max": MaxPool(),
            }
            if self.pool == "none":
                rows: Tensor = outputs.data.reshape(*ids.shape, -1)
            else:
                rows = pools[self.pool](outputs)
            scores: Tensor = rows @ self.weight.T + self.bias
            return scores
