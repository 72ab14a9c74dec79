"""From options to a model: the one place where a classifier's configuration meets its layers."""

from __future__ import annotations

from torch import nn

from vartai.models.classifier import SequenceClassifier
from vartai.models.token_vectors import TokenVectors
from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding, MeanEmbedding
from vartai.nn.layer_catalogue import LayerSizes, build_layers
from vartai.nn.pooling import AttentionPool, LastPool, MaxPool, MeanPool
from vartai.nn.sequence_layers import SequenceLayers
from vartai.tasks.classify.config import BAG, ClassifierOptions
from vartai.text.affixes import BUCKETS, columns


def build_classifier(
    options: ClassifierOptions,
    *,
    vocabulary_size: int,
    unknown_id: int,
    classes: int,
    affixes: int = 0,
) -> SequenceClassifier:
    """A model with fresh weights, drawn from torch's random numbers.

    Args:
        options: of the model.
        vocabulary_size: V.
        unknown_id: what word dropout puts in place of a token.
        classes: number of class scores.
        affixes: longest prefix and suffix that have vectors, in characters; 0 for none.
    """
    encoder = _build_encoder(options)
    features = options.embedding_size if encoder is None else encoder.output_size
    vectors = TokenVectors(
        embedding=Embedding(vocabulary_size, options.embedding_size),
        affixes=_build_affixes(options, affixes),
        word_dropout=WordDropout(options.word_dropout, unknown_id),
        feature_dropout=LockedDropout(options.embedding_dropout),
    )
    return SequenceClassifier(
        vectors=vectors,
        encoder=encoder,
        segment=options.segment,
        pool=MeanPool() if encoder is None else _build_pool(options, features),
        output=nn.Linear(features, classes),
        output_dropout=options.output_dropout,
    )


def _build_affixes(options: ClassifierOptions, longest: int) -> MeanEmbedding | None:
    if longest == 0:
        return None
    return MeanEmbedding(BUCKETS + 1, options.embedding_size, columns(longest))


def _build_encoder(options: ClassifierOptions) -> SequenceLayers | None:
    if options.cell == BAG:
        return None
    sizes = LayerSizes(
        input_size=options.embedding_size,
        hidden_size=options.hidden_size,
        layers=options.layers,
        dropout=options.layer_dropout,
        bidirectional=options.bidirectional,
    )
    return build_layers(options.cell, sizes)


def _build_pool(options: ClassifierOptions, features: int) -> nn.Module:
    pools: dict[str, nn.Module] = {
        "last": LastPool(bidirectional=options.bidirectional),
        "mean": MeanPool(),
        "max": MaxPool(),
        "attention": AttentionPool(features),
    }
    return pools[options.pool]
