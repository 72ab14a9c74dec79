"""Words to scores of tags: vectors of words, of their characters and their columns; layers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vartai.nn.crf import LinearChainCRF
from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding, MeanEmbedding
from vartai.nn.sequence_layers import SequenceLayers
from vartai.nn.word_shapes import WordShapes
from vartai.sequences import SequenceBatch


@dataclass(frozen=True, eq=False)
class TaggerBatch:
    """Sentences as a tagger reads them. N words in all, U distinct forms among them.

    Args:
        words: ``[N, 1 + columns]``, int64. Id of the word, then of its value in each extra column.
        forms: ``[N]``, int64. Place of the word's form among the distinct ones.
        characters: ids of the characters of each distinct form, U sequences.
        affixes: ``[U, A]``, int64. Ids of the ends of each distinct form; A may be 0.
    """

    words: SequenceBatch
    forms: Tensor
    characters: SequenceBatch
    affixes: Tensor

    def to(self, device: torch.device | str) -> TaggerBatch:
        """The same batch on another device."""
        return TaggerBatch(
            self.words.to(device),
            self.forms.to(device),
            self.characters.to(device),
            self.affixes.to(device),
        )


class WordVectors(nn.Module):
    """All that is known of each word, side by side.

    Args:
        embedding: of words.
        shapes: of their characters; or None.
        affixes: of their ends; or None.
        columns: of each extra column.
        word_dropout: drops the word, but not its characters or columns.
        feature_dropout: drops numbers of a whole sentence.
    """

    def __init__(
        self,
        *,
        embedding: Embedding,
        shapes: WordShapes | None,
        affixes: MeanEmbedding | None,
        columns: list[Embedding],
        word_dropout: WordDropout,
        feature_dropout: LockedDropout,
    ) -> None:
        super().__init__()
        self.embedding = embedding
        self.shapes = shapes
        self.affixes = affixes
        self.columns = nn.ModuleList(columns)
        self.word_dropout = word_dropout
        self.feature_dropout = feature_dropout

    @property
    def size(self) -> int:
        """Numbers a word."""
        parts = [self.embedding, *self.columns, *([] if self.affixes is None else [self.affixes])]
        shapes = 0 if self.shapes is None else self.shapes.size
        return shapes + sum(int(part.weight.size(1)) for part in parts)

    def forward(self, batch: TaggerBatch) -> SequenceBatch:
        """Words to vectors ``[N, size]``."""
        ids = batch.words.data
        parts = [self.embedding(self.word_dropout(ids[:, 0]))]
        if self.shapes is not None:
            parts.append(self.shapes(batch.characters).index_select(0, batch.forms))
        if self.affixes is not None:
            parts.append(self.affixes(batch.affixes).index_select(0, batch.forms))
        for place, column in enumerate(self.columns, start=1):
            parts.append(column(ids[:, place]))
        vectors: SequenceBatch = self.feature_dropout(batch.words.with_data(torch.cat(parts, 1)))
        return vectors


class SequenceTagger(nn.Module):
    """A tagger of sentences.

    Args:
        vectors: of the words.
        encoder: recurrent layers over them.
        output: features to scores of tags.
        output_dropout: share of the features dropped in training.
        crf: scores of transitions between tags; None if each word's tag is chosen by itself.
    """

    def __init__(
        self,
        *,
        vectors: WordVectors,
        encoder: SequenceLayers,
        output: nn.Linear,
        output_dropout: float,
        crf: LinearChainCRF | None,
    ) -> None:
        super().__init__()
        self.vectors = vectors
        self.encoder = encoder
        self.output_dropout = nn.Dropout(output_dropout)
        self.output = output
        self.crf = crf

    def forward(self, batch: TaggerBatch) -> SequenceBatch:
        """Scores ``[N, tags]`` of each word's tags, before any transitions."""
        outputs, _ = self.encoder.read(self.vectors(batch))
        scores: Tensor = self.output(self.output_dropout(outputs.data))
        return batch.words.with_data(scores)

    def loss(self, scores: SequenceBatch, tags: Tensor, *, smoothing: float = 0.0) -> Tensor:
        """Nats, summed over all words, of tags ``[N]``, int64.

        Args:
            scores: as `forward` gives them.
            tags: the true ones.
            smoothing: share of each target spread over all tags; without a CRF only.
        """
        if self.crf is not None:
            nats: Tensor = self.crf(scores, tags)
            return nats.sum()
        return nn.functional.cross_entropy(
            scores.data, tags, label_smoothing=smoothing, reduction="sum"
        )

    def decode(self, scores: SequenceBatch) -> Tensor:
        """The best tags ``[N]``, int64."""
        return scores.data.argmax(1) if self.crf is None else self.crf.decode(scores)
