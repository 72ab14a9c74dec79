"""From options to a model: the one place where a translator's configuration meets its layers."""

from __future__ import annotations

import torch
from torch import nn

from vartai.models.encoder_decoder import Decoder, Encoder, EncoderDecoder
from vartai.models.token_vectors import TokenVectors
from vartai.nn.attention import build_attention
from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding
from vartai.nn.first_weights import begin_well
from vartai.nn.gru import GRU
from vartai.nn.layers import RecurrentLayers
from vartai.nn.lstm import LSTM
from vartai.nn.rnn import RNN
from vartai.tasks.translate.config import TranslatorOptions
from vartai.text.tokens import UNKNOWN_ID

_LAYERS: dict[str, type[RNN] | type[LSTM] | type[GRU]] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


def build_translator(
    options: TranslatorOptions, *, source_size: int, target_size: int, shared: bool
) -> EncoderDecoder:
    """A model with fresh weights, drawn from torch's random numbers.

    Args:
        options: of the model.
        source_size: tokens of the source's vocabulary.
        target_size: V, tokens of the target's.
        shared: both are one vocabulary, with one table of vectors.
    """
    size = options.embedding_size
    output = None
    if not options.tied:
        output = nn.Parameter(torch.empty(target_size, size).normal_(std=size**-0.5))
    source = None if shared else _build_vectors(options, source_size, tied=False)
    target = _build_vectors(options, target_size, tied=options.tied)
    return EncoderDecoder(
        encoder=_build_encoder(options, source),
        decoder=_build_decoder(options, target),
        output=output,
        vocabulary_size=target_size,
        output_dropout=options.output_dropout,
    )


def _build_vectors(options: TranslatorOptions, vocabulary_size: int, *, tied: bool) -> TokenVectors:
    return TokenVectors(
        embedding=_build_table(vocabulary_size, options.embedding_size, tied=tied),
        affixes=None,
        word_dropout=WordDropout(options.word_dropout, UNKNOWN_ID),
        feature_dropout=LockedDropout(options.embedding_dropout),
    )


def _build_table(vocabulary_size: int, size: int, *, tied: bool) -> Embedding | nn.Embedding:
    if not tied:
        return Embedding(vocabulary_size, size)
    # As the weights of the output it has a gradient in every row at every step.
    table = nn.Embedding(vocabulary_size, size)
    nn.init.normal_(table.weight, std=size**-0.5)
    return table


def _build_encoder(options: TranslatorOptions, vectors: TokenVectors | None) -> Encoder:
    layers = _build_layers(
        options,
        options.embedding_size,
        options.hidden_size // 2,
        options.encoder_layers,
        bidirectional=True,
    )
    return Encoder(
        vectors=vectors,
        layers=layers,
        decoder_layers=options.decoder_layers,
        decoder_size=options.hidden_size,
    )


def _build_decoder(options: TranslatorOptions, vectors: TokenVectors) -> Decoder:
    hidden, size = options.hidden_size, options.embedding_size
    attention = build_attention(options.attention, query_size=hidden, features=hidden)
    joined = hidden if attention is None else 2 * hidden
    further = None
    if options.decoder_layers > 1:
        further = _build_layers(options, joined, hidden, options.decoder_layers - 1)
    return Decoder(
        vectors=vectors,
        first=_build_layers(options, 2 * size if options.input_feeding else size, hidden, 1),
        attention=attention,
        further=further,
        combine=nn.Linear(joined, size),
        dropout=options.layer_dropout,
        feeding=options.input_feeding,
    )


def _build_layers(
    options: TranslatorOptions, inputs: int, units: int, count: int, *, bidirectional: bool = False
) -> RecurrentLayers:
    layers = _LAYERS[options.cell](
        inputs,
        units,
        num_layers=count,
        dropout=options.layer_dropout if count > 1 else 0.0,
        bidirectional=bidirectional,
    )
    begin_well(layers)
    return layers
