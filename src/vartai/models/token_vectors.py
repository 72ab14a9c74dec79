"""Token ids to vectors: the first layer of every model that reads text."""

from __future__ import annotations

from torch import nn

from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding, MeanEmbedding
from vartai.sequences import SequenceBatch


class TokenVectors(nn.Module):
    """A vector for every token, and what training drops of it.

    Args:
        embedding: V vectors of D numbers.
        affixes: vectors of D numbers of the ends of words, whose mean is added; or None.
        word_dropout: drops whole tokens.
        feature_dropout: drops features of all a sequence's vectors.
    """

    def __init__(
        self,
        *,
        embedding: Embedding | nn.Embedding,
        affixes: MeanEmbedding | None,
        word_dropout: WordDropout,
        feature_dropout: LockedDropout,
    ) -> None:
        super().__init__()
        self.word_dropout = word_dropout
        self.embedding = embedding
        self.affixes = affixes
        self.feature_dropout = feature_dropout

    def forward(self, ids: SequenceBatch) -> SequenceBatch:
        """Ids to vectors ``[N, D]``.

        Ids are int64 ``[N]``; with affixes ``[N, 1 + columns]``, the token's first.
        """
        read = self.word_dropout(ids.data)
        if self.affixes is None:
            vectors = self.embedding(read)
        else:
            vectors = self.embedding(read[:, 0]) + self.affixes(read[:, 1:])
        batch: SequenceBatch = self.feature_dropout(ids.with_data(vectors))
        return batch
