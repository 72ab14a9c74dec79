"""From options to a model: the one place where an answerer's configuration meets its layers."""

from __future__ import annotations

from torch import nn

from vartai.models.reader import FEATURES, SpanReader
from vartai.models.story_reader import StoryReader
from vartai.models.token_vectors import TokenVectors
from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding
from vartai.nn.first_weights import begin_well
from vartai.nn.gru import GRU
from vartai.nn.layers import RecurrentLayers
from vartai.nn.lstm import LSTM
from vartai.nn.word_shapes import WordShapes
from vartai.tasks.answer.config import ReaderOptions

_LAYERS: dict[str, type[LSTM] | type[GRU]] = {"lstm": LSTM, "gru": GRU}
_CHARACTER_SIZE = 16
# At first a fact is more likely to be passed over than taken: σ(-1) = 0.27.
_FIRST_SCORE = -1.0


def build_span_reader(
    options: ReaderOptions,
    *,
    vocabulary_size: int,
    unknown_id: int,
    characters: int,
    answerable: bool,
) -> SpanReader:
    """A model with fresh weights, drawn from torch's random numbers.

    Args:
        options: of the model.
        vocabulary_size: V, words.
        unknown_id: what word dropout puts in place of a word.
        characters: ids of characters.
        answerable: whether there is always an answer.
    """
    shapes = _build_shapes(options, characters) if options.character_size else None
    size = options.embedding_size + (0 if shapes is None else shapes.size)
    return SpanReader(
        vectors=_build_vectors(options, vocabulary_size, unknown_id),
        shapes=shapes,
        passage_layers=_layers(options, 2 * size + FEATURES, options.hidden_size, options.layers),
        question_layers=_layers(options, size, options.hidden_size, options.layers),
        dropout=options.dropout,
        answerable=answerable,
    )


def build_story_reader(
    options: ReaderOptions, *, vocabulary_size: int, unknown_id: int, answers: int
) -> StoryReader:
    """A model with fresh weights, drawn from torch's random numbers.

    Args:
        options: of the model.
        vocabulary_size: V, words.
        unknown_id: what word dropout puts in place of a word.
        answers: number of known answers.
    """
    words = _layers(options, options.embedding_size, options.hidden_size, 1)
    lines = _layers(options, 4 * words.output_size, options.hidden_size, 1)
    model = StoryReader(
        vectors=_build_vectors(options, vocabulary_size, unknown_id),
        words=words,
        lines=lines,
        hops=options.hops,
        memory_size=words.output_size,
        answers=answers,
        fact_dropout=options.dropout,
    )
    for hop in model.hops:
        nn.init.constant_(hop.score.bias, _FIRST_SCORE)  # type: ignore[union-attr, arg-type]
    return model


def _build_vectors(options: ReaderOptions, vocabulary_size: int, unknown_id: int) -> TokenVectors:
    embedding = Embedding(vocabulary_size, options.embedding_size)
    # Words begin far apart, or those that answer alike are soon one and never come apart again; and
    # a layer whose weights are about 1/√H sees sums of about 1.
    nn.init.normal_(embedding.weight)
    return TokenVectors(
        embedding=embedding,
        affixes=None,
        word_dropout=WordDropout(options.word_dropout, unknown_id),
        feature_dropout=LockedDropout(0.0),
    )


def _build_shapes(options: ReaderOptions, characters: int) -> WordShapes:
    return WordShapes(
        embedding=Embedding(characters, _CHARACTER_SIZE),
        encoder=_layers(options, _CHARACTER_SIZE, options.character_size, 1),
    )


def _layers(options: ReaderOptions, size: int, hidden_size: int, layers: int) -> RecurrentLayers:
    made = _LAYERS[options.cell](
        size,
        hidden_size,
        num_layers=layers,
        dropout=options.dropout if layers > 1 else 0.0,
        bidirectional=True,
    )
    begin_well(made)
    return made
