"""From options to a model: the one place where a tagger's configuration meets its layers."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from vartai.models.tagger import SequenceTagger, WordVectors
from vartai.nn.crf import Legal, LinearChainCRF
from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding, MeanEmbedding
from vartai.nn.layer_catalogue import LayerSizes, build_layers
from vartai.nn.word_shapes import WordShapes
from vartai.tasks.tag.config import TaggerOptions
from vartai.text.affixes import BUCKETS, columns


def build_tagger(
    options: TaggerOptions,
    *,
    words: int,
    unknown_id: int,
    characters: int,
    inputs: Sequence[int],
    tags: int,
    legal: Legal | None,
) -> SequenceTagger:
    """A model with fresh weights, drawn from torch's random numbers.

    Args:
        options: of the model.
        words: ids of words.
        unknown_id: what word dropout puts in place of a word.
        characters: ids of characters.
        inputs: for each extra column its ids.
        tags: number of scores.
        legal: what tags may follow which; for a CRF.
    """
    affixes = None
    if options.affixes:
        ends = columns(options.affixes)
        affixes = MeanEmbedding(BUCKETS + 1, options.embedding_size, ends)
    vectors = WordVectors(
        embedding=Embedding(words, options.embedding_size),
        shapes=_build_shapes(options, characters),
        affixes=affixes,
        columns=[Embedding(size, options.column_size) for size in inputs],
        word_dropout=WordDropout(options.word_dropout, unknown_id),
        feature_dropout=LockedDropout(options.input_dropout),
    )
    sizes = LayerSizes(
        input_size=vectors.size,
        hidden_size=options.hidden_size,
        layers=options.layers,
        dropout=options.layer_dropout,
        bidirectional=options.bidirectional,
    )
    encoder = build_layers(options.cell, sizes)
    return SequenceTagger(
        vectors=vectors,
        encoder=encoder,
        output=nn.Linear(encoder.output_size, tags),
        output_dropout=options.output_dropout,
        crf=LinearChainCRF(tags, legal) if options.crf else None,
    )


def _build_shapes(options: TaggerOptions, characters: int) -> WordShapes | None:
    if options.character_size == 0:
        return None
    sizes = LayerSizes(
        input_size=options.character_embedding_size,
        hidden_size=options.character_size,
        bidirectional=True,
    )
    encoder = build_layers(options.cell, sizes)
    embedding = Embedding(characters, options.character_embedding_size)
    return WordShapes(embedding=embedding, encoder=encoder)
