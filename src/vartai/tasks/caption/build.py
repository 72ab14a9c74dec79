"""From options to a model: the one place where a captioner's configuration meets its layers."""

from __future__ import annotations

from torch import nn

from vartai.images.encoder import GivenAnnotations, build_encoder
from vartai.models.captioner import Captioner, DeepOutput, Start
from vartai.models.looking import Looking
from vartai.models.token_vectors import TokenVectors
from vartai.nn.attention import AdditiveAttention
from vartai.nn.dropout import LockedDropout, WordDropout
from vartai.nn.embedding import Embedding
from vartai.nn.first_weights import begin_well
from vartai.nn.lstm import LSTM
from vartai.tasks.caption.config import CaptionConfig, CaptionerOptions
from vartai.text.tokens import UNKNOWN_ID


def build_captioner(config: CaptionConfig, *, vocabulary_size: int) -> Captioner:
    """A model with fresh weights, drawn from torch's random numbers.

    Args:
        config: of the captioner.
        vocabulary_size: V.

    Raises:
        OptionError: the pictures cannot be halved down to as many places as were asked for.
    """
    options = config.model
    features = config.pictures.annotation_size
    layer = LSTM(options.embedding_size + features, options.hidden_size)
    begin_well(layer)
    model = Captioner(
        encoder=_build_encoder(config),
        vectors=TokenVectors(
            embedding=Embedding(vocabulary_size, options.embedding_size),
            affixes=None,
            word_dropout=WordDropout(options.word_dropout, UNKNOWN_ID),
            feature_dropout=LockedDropout(options.embedding_dropout),
        ),
        start=Start(
            features,
            options.hidden_size,
            layers=options.start_layers,
            dropout=options.output_dropout,
        ),
        looking=_build_looking(options, features),
        layer=layer,
        output=DeepOutput(
            options.hidden_size,
            features,
            options.embedding_size,
            dropout=options.output_dropout,
        ),
        vocabulary_size=vocabulary_size,
    )
    if options.freeze:
        model.encoder.requires_grad_(requires_grad=False)
    return model


def _build_encoder(config: CaptionConfig) -> nn.Module:
    if config.model.encoder == "given":
        return GivenAnnotations(config.pictures.annotation_dropout)
    return build_encoder(config.pictures)


def _build_looking(options: CaptionerOptions, features: int) -> Looking:
    attention = None
    if options.attention != "none":
        attention = AdditiveAttention(options.hidden_size, features, size=options.attention_size)
    gate = nn.Linear(options.hidden_size, 1) if options.gate else None
    return Looking(attention=attention, gate=gate)
