"""Everything a person can choose about a translator, with the defaults, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar

from vartai.data.pair_options import PairOptions
from vartai.errors import OptionError, require_range, unknown_name
from vartai.training.options import TrainingOptions

CELLS = ("rnn", "lstm", "gru")
ATTENTIONS = ("none", "additive", "multiplicative", "dot")
CHOICES = ("loss", "bleu")
# What a model file may ask for before anything is made of it.
MOST_LAYERS, MOST_UNITS = 32, 1 << 16


@dataclass(frozen=True, kw_only=True)
class PieceOptions:
    """Both languages' vocabularies: byte pairs, so that no text is ever unknown.

    Attributes:
        vocabulary_size: tokens of the shared vocabulary, or of each of two.
        shared: one vocabulary for both languages, learned from both; names, numbers and roots that
            they share are then one token. It also makes one table of their vectors.
        max_tokens: pairs with a longer side are not trained on (counted and said); a longer line
            is translated in parts.
    """

    vocabulary_size: int = 8_000
    shared: bool = True
    max_tokens: int = 120

    def __post_init__(self) -> None:
        require_range("vocabulary_size", self.vocabulary_size, at_least=258)
        require_range("max_tokens", self.max_tokens, at_least=2)


@dataclass(frozen=True, kw_only=True)
class TranslatorOptions:
    """The model.

    Attributes:
        cell: lstm, gru or rnn.
        encoder_layers: recurrent layers of the encoder.
        decoder_layers: recurrent layers of the decoder; attention is asked by the first and read
            by the others.
        hidden_size: units of each layer; in the encoder, of both directions together.
        embedding_size: numbers in a token's vector.
        attention: additive (Bahdanau), multiplicative (Luong), dot, or none.
        input_feeding: the decoder reads its last attentional vector too; trains step by step, so
            more slowly.
        tied: the vectors of the target's tokens are also those of the output.
        word_dropout: share of tokens read as unknown, in training.
        embedding_dropout: share of the vectors' features dropped for a whole sentence.
        layer_dropout: share of the numbers dropped between layers, annotations included.
        output_dropout: share of the numbers dropped before the output.
    """

    cell: str = "gru"
    encoder_layers: int = 1
    decoder_layers: int = 2
    hidden_size: int = 320
    embedding_size: int = 256
    attention: str = "multiplicative"
    input_feeding: bool = False
    tied: bool = True
    word_dropout: float = 0.0
    embedding_dropout: float = 0.3
    layer_dropout: float = 0.3
    output_dropout: float = 0.3

    def __post_init__(self) -> None:
        for kind, known in (("cell", CELLS), ("attention", ATTENTIONS)):
            if getattr(self, kind) not in known:
                raise unknown_name(kind, getattr(self, kind), known)
        for name in ("encoder_layers", "decoder_layers"):
            require_range(name, getattr(self, name), at_least=1, below=MOST_LAYERS + 1)
        require_range("embedding_size", self.embedding_size, at_least=1, below=MOST_UNITS + 1)
        require_range("hidden_size", self.hidden_size, at_least=2, below=MOST_UNITS + 1)
        if self.hidden_size % 2:
            raise OptionError(
                f"hidden_size is that of two directions together, so even; was {self.hidden_size}"
            )
        for name in ("word_dropout", "embedding_dropout", "layer_dropout", "output_dropout"):
            require_range(name, getattr(self, name), at_least=0, below=1)


@dataclass(frozen=True, kw_only=True)
class WritingOptions:
    """How translations are found.

    Attributes:
        beam: translations kept side by side; 1 takes the likeliest token at every step.
        length_penalty: translations are compared by their log-probability divided by
            ((5 + tokens) / 6) to this power (Wu et al. 2016, equation 14); 0 favours short ones.
        max_ratio: a translation ends after this many tokens for each token of the source, and ten
            more; how many had to be cut so is said.
    """

    beam: int = 5
    length_penalty: float = 1.0
    max_ratio: float = 2.0

    def __post_init__(self) -> None:
        require_range("beam", self.beam, at_least=1, below=129)
        require_range("length_penalty", self.length_penalty, at_least=0)
        require_range("max_ratio", self.max_ratio, above=0)


@dataclass(frozen=True, kw_only=True)
class ChoiceOptions:
    """Which epoch's weights are kept.

    Attributes:
        choose: loss: the lowest loss of the validation pairs; bleu: the highest BLEU of greedy
            translations of a sample of them.
        sample: validation pairs translated for bleu.
    """

    choose: str = "bleu"
    sample: int = 500

    def __post_init__(self) -> None:
        if self.choose not in CHOICES:
            raise unknown_name("choose", self.choose, CHOICES)
        require_range("sample", self.sample, at_least=1)


@dataclass(frozen=True, kw_only=True)
class TranslatorTraining(TrainingOptions):  # noqa: D101 - its fields are those of the base
    # Words are many and sentences short: smaller steps than a classifier's, and more of them.
    __doc__ = TrainingOptions.__doc__
    epochs: int = 20
    patience: int = 5
    learning_rate: float = 2e-3
    warmup: int = 400
    batch_size: int | None = 64
    batch_tokens: int = 6_000
    label_smoothing: float = 0.1


@dataclass(frozen=True, kw_only=True)
class TranslateConfig:
    """A translator: how its pairs are read, what it reads, what it is, how it is trained.

    Attributes:
        pairs: reading the pairs.
        text: both vocabularies.
        model: the model.
        writing: how translations are found.
        choice: which epoch is kept.
        training: optimisation.
    """

    # Options that a model to go on from has decided. A tokenizer, once learned, stays.
    DECIDED_BY_START: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "text": tuple(option.name for option in fields(PieceOptions)),
        "model": tuple(option.name for option in fields(TranslatorOptions)),
    }

    pairs: PairOptions = field(default_factory=PairOptions)
    text: PieceOptions = field(default_factory=PieceOptions)
    model: TranslatorOptions = field(default_factory=TranslatorOptions)
    writing: WritingOptions = field(default_factory=WritingOptions)
    choice: ChoiceOptions = field(default_factory=ChoiceOptions)
    training: TranslatorTraining = field(default_factory=TranslatorTraining)
