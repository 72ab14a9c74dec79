"""Passages and questions to scores of spans: an attentive reader.

1. Every token of passage and question is a vector: of the word, and of its characters.
2. A passage token also knows whether the question holds it (as written, and folded), how often the
   passage does, and what of the question is like it:

       weight_ij = softmax over j of  relu(W p_i) · relu(W q_j)        aligned_i = Σ_j weight_ij q_j

3. Recurrent layers in both directions read the passage, others the question, whose outputs become
   one vector by attention.
4. Two pointers say how well each passage token begins and ends an answer: ``p_i · W_s q`` and
   ``p_i · W_e q``. A third score says that there is none: a layer over question and passage.

Source: Chen et al. 2017, "Reading Wikipedia to answer open-domain questions", section 3.2. Vectors
of characters, the score of no answer and one softmax over spans (`span_scores`) are additions.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vartai.models.span_scores import SpanScores
from vartai.models.token_vectors import TokenVectors
from vartai.nn.dropout import LockedDropout
from vartai.nn.layers import RecurrentLayers
from vartai.nn.pooling import AttentionPool, MaxPool
from vartai.nn.word_shapes import WordShapes
from vartai.sequences import SequenceBatch

FEATURES = 3
"""Of a passage token: as written in the question, folded in the question, share in the passage."""


@dataclass(frozen=True, eq=False)
class ReaderBatch:
    """B passages and questions. N passage tokens, M question tokens, U distinct forms in all.

    Args:
        passages: ids of tokens, int64 rows.
        passage_forms: ``[N]``, int64. Place of each token's form among the distinct ones.
        features: ``[N, FEATURES]``. What each passage token has in common with its question.
        questions: ids of tokens, int64 rows.
        question_forms: ``[M]``, int64.
        forms: ids of the characters of each distinct form, U sequences.
    """

    passages: SequenceBatch
    passage_forms: Tensor
    features: Tensor
    questions: SequenceBatch
    question_forms: Tensor
    forms: SequenceBatch

    def to(self, device: torch.device | str) -> ReaderBatch:
        """The same batch on another device."""
        return ReaderBatch(
            self.passages.to(device),
            self.passage_forms.to(device),
            self.features.to(device),
            self.questions.to(device),
            self.question_forms.to(device),
            self.forms.to(device),
        )


class AlignedQuestion(nn.Module):
    """For every passage token, the question tokens that are like it.

    Each passage meets its own question alone, in one product, so that no pad ever takes part.

    Args:
        size: D, numbers in a token's vector.
        hidden_size: numbers in which two tokens are compared.
    """

    def __init__(self, size: int, hidden_size: int) -> None:
        super().__init__()
        self.compare = nn.Linear(size, hidden_size)

    def weights(self, passages: SequenceBatch, questions: SequenceBatch) -> list[Tensor]:
        """For each example how like its question's tokens are, ``[n, m]``; rows add up to 1."""
        keys = passages.with_data(torch.relu(self.compare(passages.data))).split()
        asked = questions.with_data(torch.relu(self.compare(questions.data))).split()
        return [
            torch.softmax(mine @ theirs.T, dim=1) for mine, theirs in zip(keys, asked, strict=True)
        ]

    def forward(self, passages: SequenceBatch, questions: SequenceBatch) -> Tensor:
        """``[N, D]`` and ``[M, D]`` of the same B examples to ``[N, D]``."""
        weights = self.weights(passages, questions)
        aligned = [own @ rows for own, rows in zip(weights, questions.split(), strict=True)]
        return torch.cat(aligned)


class SpanReader(nn.Module):
    """Scores of the spans of passages, for questions about them.

    Args:
        vectors: of the words.
        shapes: of their characters; None for none.
        passage_layers: recurrent layers over a passage; D + D + `FEATURES` numbers a token, D those
            of `vectors` and `shapes` together.
        question_layers: recurrent layers over a question.
        dropout: share of features dropped for a whole sequence in training.
        answerable: whether there is always an answer, so that there is no score of none.
    """

    def __init__(
        self,
        *,
        vectors: TokenVectors,
        shapes: WordShapes | None,
        passage_layers: RecurrentLayers,
        question_layers: RecurrentLayers,
        dropout: float,
        answerable: bool,
    ) -> None:
        super().__init__()
        self.vectors = vectors
        self.shapes = shapes
        self.aligned = AlignedQuestion(question_layers.input_size, passage_layers.hidden_size)
        self.passage_layers = passage_layers
        self.question_layers = question_layers
        self.question = AttentionPool(question_layers.output_size)
        passage, question = passage_layers.output_size, question_layers.output_size
        self.start = nn.Linear(question, passage)
        self.end = nn.Linear(question, passage)
        self.whole = MaxPool()
        self.none = None if answerable else _none_layers(passage + question, passage)
        self.dropout = LockedDropout(dropout)

    def forward(self, batch: ReaderBatch) -> SpanScores:
        """Scores of a batch."""
        passages, questions = self.inputs(batch)
        read, _ = self.passage_layers(passages)
        asked, _ = self.question_layers(questions)
        return self.scores(read, asked)

    def inputs(self, batch: ReaderBatch) -> tuple[SequenceBatch, SequenceBatch]:
        """What the layers over passages and over questions read."""
        forms = None if self.shapes is None else self.shapes(batch.forms)
        passages = self._tokens(batch.passages, batch.passage_forms, forms)
        questions = self._tokens(batch.questions, batch.question_forms, forms)
        aligned = self.aligned(passages, questions)
        beside = torch.cat([passages.data, aligned, batch.features], dim=1)
        return passages.with_data(beside), questions

    def scores(self, read: SequenceBatch, asked: SequenceBatch) -> SpanScores:
        """Scores from the outputs of the layers, of the same B passages and questions."""
        read, asked = self.dropout(read), self.dropout(asked)
        question = self.question(asked)
        owner = read.sequence_of_row()
        return SpanScores(
            start=(read.data * self.start(question).index_select(0, owner)).sum(1),
            end=(read.data * self.end(question).index_select(0, owner)).sum(1),
            none=self._none(read, question),
            lengths=read.lengths,
        )

    def _tokens(self, ids: SequenceBatch, places: Tensor, forms: Tensor | None) -> SequenceBatch:
        words: SequenceBatch = self.vectors(ids)
        if forms is None:
            return words
        both = torch.cat([words.data, forms.index_select(0, places)], dim=1)
        dropped: SequenceBatch = self.dropout(words.with_data(both))
        return dropped

    def _none(self, read: SequenceBatch, question: Tensor) -> Tensor:
        if self.none is None:
            return question.new_full((len(read),), -torch.inf)
        scores: Tensor = self.none(torch.cat([self.whole(read), question], dim=1))
        return scores.squeeze(1)


def _none_layers(features: int, hidden_size: int) -> nn.Module:
    return nn.Sequential(nn.Linear(features, hidden_size), nn.Tanh(), nn.Linear(hidden_size, 1))
