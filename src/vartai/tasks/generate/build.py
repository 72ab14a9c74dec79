"""From options to a model: where a language model's configuration meets its layers."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from vartai.models.language_model import RecurrentLanguageModel
from vartai.models.token_vectors import TokenVectors
from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding
from vartai.nn.layer_catalogue import LayerSizes, build_layers
from vartai.nn.sequence_layers import SequenceLayers
from vartai.nn.softmax_output import SoftmaxOutput
from vartai.tasks.generate.config import GenerateConfig, LanguageModelOptions

# Bands of an adaptive softmax begin at these shares of the vocabulary.
_BANDS = (5, 2)


def build_language_model(
    config: GenerateConfig, *, vocabulary_size: int, unknown_id: int
) -> RecurrentLanguageModel:
    """A model with fresh weights, drawn from torch's random numbers.

    Args:
        config: of the language model.
        vocabulary_size: V.
        unknown_id: what word dropout puts in place of a unit.

    Raises:
        OptionError: cutoffs that do not fit the vocabulary.
    """
    options = config.model
    size = embedding_size(config)
    embedding = _build_embedding(options, vocabulary_size, size)
    encoder = _build_encoder(options, size)
    projected = options.tied and options.hidden_size != size
    return RecurrentLanguageModel(
        vectors=TokenVectors(
            embedding=embedding,
            affixes=None,
            word_dropout=WordDropout(options.word_dropout, unknown_id),
            feature_dropout=LockedDropout(options.embedding_dropout),
        ),
        encoder=encoder,
        projection=nn.Linear(options.hidden_size, size) if projected else None,
        output_dropout=LockedDropout(options.output_dropout),
        output=SoftmaxOutput(
            size if options.tied else options.hidden_size,
            vocabulary_size,
            cutoffs=_cutoffs(options, vocabulary_size),
            tied=embedding if isinstance(embedding, nn.Embedding) else None,
        ),
    )


def embedding_size(config: GenerateConfig) -> int:
    """Numbers in a unit's vector."""
    natural = 64 if config.text.unit == "char" else 256
    return config.model.embedding_size or natural


def _build_embedding(
    options: LanguageModelOptions, vocabulary_size: int, size: int
) -> Embedding | nn.Embedding:
    if not options.tied:
        return Embedding(vocabulary_size, size)
    # As the weights of the output it has a gradient in every row at every step.
    embedding = nn.Embedding(vocabulary_size, size)
    nn.init.uniform_(embedding.weight, -0.1, 0.1)
    return embedding


def _build_encoder(options: LanguageModelOptions, size: int) -> SequenceLayers:
    sizes = LayerSizes(
        input_size=size,
        hidden_size=options.hidden_size,
        layers=options.layers,
        dropout=options.layer_dropout,
        recurrent_dropout=options.recurrent_dropout,
    )
    return build_layers(options.cell, sizes)


def _cutoffs(options: LanguageModelOptions, vocabulary_size: int) -> Sequence[int]:
    """Where bands begin: none for a full softmax, or a vocabulary too small to be cut."""
    if options.softmax == "full":
        return ()
    if options.cutoffs:
        return [int(cutoff) for cutoff in options.cutoffs]
    found = sorted({vocabulary_size // share for share in _BANDS})
    return [cutoff for cutoff in found if 0 < cutoff < vocabulary_size]
