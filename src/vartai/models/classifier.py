"""Token ids to class scores: embedding, recurrent layers or none, pooling, a linear layer."""

from __future__ import annotations

from torch import Tensor, nn

from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding, MeanEmbedding
from vartai.nn.layers import RecurrentLayers
from vartai.sequences import SequenceBatch


class SequenceClassifier(nn.Module):
    """A classifier of sequences of token ids.

    Args:
        embedding: V vectors of D numbers.
        affix_embedding: vectors of D numbers of the ends of words, whose mean is added; or None.
        encoder: recurrent layers over the vectors; None for a bag of embeddings.
        segment: steps after which the layers begin anew; None for never.
        pool: rows of each sequence to one vector, ``[N, F]`` to ``[B, F]``.
        output: F features to class scores.
        word_dropout: drops whole tokens.
        embedding_dropout: drops features of all a sequence's vectors.
        output_dropout: share of the pooled features dropped in training.
    """

    def __init__(
        self,
        *,
        embedding: Embedding,
        affix_embedding: MeanEmbedding | None,
        encoder: RecurrentLayers | None,
        segment: int | None,
        pool: nn.Module,
        output: nn.Linear,
        word_dropout: WordDropout,
        embedding_dropout: LockedDropout,
        output_dropout: float,
    ) -> None:
        super().__init__()
        self.word_dropout = word_dropout
        self.embedding = embedding
        self.affix_embedding = affix_embedding
        self.embedding_dropout = embedding_dropout
        self.encoder = encoder
        self.segment = segment
        self.pool = pool
        self.output_dropout = nn.Dropout(output_dropout)
        self.output = output

    def encode(self, ids: SequenceBatch) -> SequenceBatch:
        """Ids to the outputs of the last recurrent layer, ``[N, F]``.

        Ids are ``[N]``; with affixes ``[N, 1 + columns]``, the token's first.
        """
        read = self.word_dropout(ids.data)
        if self.affix_embedding is None:
            vectors = self.embedding(read)
        else:
            vectors = self.embedding(read[:, 0]) + self.affix_embedding(read[:, 1:])
        batch: SequenceBatch = self.embedding_dropout(ids.with_data(vectors))
        if self.encoder is None:
            return batch
        pieces = batch if self.segment is None else batch.cut(self.segment)
        outputs, _ = self.encoder(pieces)
        return batch.with_data(outputs.data)

    def forward(self, ids: SequenceBatch) -> Tensor:
        """Class scores (logits) ``[B, classes]`` of sequences of ids, int64."""
        pooled = self.pool(self.encode(ids))
        scores: Tensor = self.output(self.output_dropout(pooled))
        return scores
