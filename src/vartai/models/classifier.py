"""Token ids to class scores: vectors, recurrent layers or none, pooling, a linear layer."""

from __future__ import annotations

from torch import Tensor, nn

from vartai.models.token_vectors import TokenVectors
from vartai.nn.sequence_layers import SequenceLayers
from vartai.sequences import SequenceBatch


class SequenceClassifier(nn.Module):
    """A classifier of sequences of token ids.

    Args:
        vectors: of the tokens.
        encoder: recurrent layers over the vectors; None for a bag of embeddings.
        segment: steps after which the layers begin anew; None for never.
        pool: rows of each sequence to one vector, ``[N, F]`` to ``[B, F]``.
        output: F features to class scores.
        output_dropout: share of the pooled features dropped in training.
    """

    def __init__(
        self,
        *,
        vectors: TokenVectors,
        encoder: SequenceLayers | None,
        segment: int | None,
        pool: nn.Module,
        output: nn.Linear,
        output_dropout: float,
    ) -> None:
        super().__init__()
        self.vectors = vectors
        self.encoder = encoder
        self.segment = segment
        self.pool = pool
        self.output_dropout = nn.Dropout(output_dropout)
        self.output = output

    def encode(self, ids: SequenceBatch) -> SequenceBatch:
        """Ids, as `TokenVectors` takes them, to the outputs of the last recurrent layer."""
        batch: SequenceBatch = self.vectors(ids)
        if self.encoder is None:
            return batch
        pieces = batch if self.segment is None else batch.cut(self.segment)
        outputs, _ = self.encoder.read(pieces)
        return batch.with_data(outputs.data)

    def forward(self, ids: SequenceBatch) -> Tensor:
        """Class scores (logits) ``[B, classes]`` of sequences of ids, int64."""
        pooled = self.pool(self.encode(ids))
        scores: Tensor = self.output(self.output_dropout(pooled))
        return scores
