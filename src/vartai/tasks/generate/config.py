"""Everything a person can choose about a language model, with the defaults, once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar

from vartai.data.text_options import DocumentOptions, HeldOutOptions
from vartai.errors import OptionError, require_range, unknown_name
from vartai.kernels.cell_names import require_cell
from vartai.text.options import UNITS, TextOptions
from vartai.training.options import TrainingOptions

SPLITS = ("spaces", "words")
SOFTMAXES = ("full", "adaptive")
_MOST_LAYERS = 64  # a stored model is not believed when it says more
_NO_LIMIT = 1 << 40  # tokens: a language model reads a text whole


@dataclass(frozen=True, kw_only=True)
class UnitOptions:
    """Units and vocabulary.

    Attributes:
        unit: what one step of the network reads and writes: char, word or bpe.
        words: of the word unit: spaces (a word is what white space leaves, line ends are tokens, as
            in the literature's corpora) or words (letters apart from punctuation, no line ends, as
            a classifier reads).
        lowercase: fold case (word and bpe units).
        vocabulary_size: most distinct units kept, the two special ones included; the commonest
            stay. 4,000 for bpe and 100,000 for the others if not given.
        min_frequency: a unit seen fewer times than this in training is unknown.
        fix_text: mend text that was decoded with the wrong encoding (`ftfy`); lines that cannot be
            mended whole are counted and left as they were.
    """

    unit: str = "char"
    words: str = "spaces"
    lowercase: bool = False
    vocabulary_size: int | None = None
    min_frequency: int = 1
    fix_text: bool = False

    def __post_init__(self) -> None:
        if self.words not in SPLITS:
            raise unknown_name("words", self.words, SPLITS)
        self.text_options()

    @property
    def spaced(self) -> bool:
        """Whether words are what white space leaves."""
        return self.unit == "word" and self.words == "spaces"

    def text_options(self) -> TextOptions:
        """As the tokenizers take them.

        Raises:
            OptionError: an option is out of bounds.
        """
        natural = 4_000 if self.unit == "bpe" else 100_000
        if self.unit not in UNITS:
            raise unknown_name("unit", self.unit, UNITS)
        return TextOptions(
            unit=self.unit,
            lowercase=self.lowercase,
            vocabulary_size=natural if self.vocabulary_size is None else self.vocabulary_size,
            min_frequency=self.min_frequency,
            max_tokens=_NO_LIMIT,
        )


@dataclass(frozen=True, kw_only=True)
class LanguageModelOptions:
    """The model.

    Attributes:
        cell: lstm, gru, rnn; lstm-peephole, lstm-no-input-gate, lstm-no-forget-gate,
            lstm-no-output-gate, lstm-no-input-activation, lstm-no-output-activation, lstm-coupled,
            lstm-gate-recurrence, lstm-layer-norm, lstm-depth-gated; gru-reset-before,
            gru-layer-norm; clockwork-rnn, ind-rnn, min-gru, min-lstm, slstm; grid-lstm,
            grid-lstm-tied.
        layers: recurrent layers, each reading the outputs of the one below.
        hidden_size: units of each layer.
        embedding_size: numbers in a unit's vector; 64 for characters and 256 for others if not
            given.
        tied: the vectors are also the weights of the output (Press & Wolf 2017). Where hidden_size
            differs, a linear layer stands between.
        softmax: full, or adaptive: rare units in bands of their own (Grave et al. 2017), several
            times faster for large vocabularies, and still exact.
        cutoffs: ids at which the bands of the adaptive softmax begin; chosen by the vocabulary's
            size if not given.
        word_dropout: share of units read as unknown, in training.
        embedding_dropout: share of embedding features dropped, the same for a whole chunk.
        layer_dropout: share of outputs dropped between layers.
        recurrent_dropout: share of hidden units dropped on their way to the next step, the same
            for a whole chunk.
        output_dropout: share of the last layer's outputs dropped, the same for a whole chunk.
    """

    cell: str = "lstm"
    layers: int = 1
    hidden_size: int = 512
    embedding_size: int | None = None
    tied: bool = False
    softmax: str = "full"
    cutoffs: tuple[str, ...] = ()
    word_dropout: float = 0.0
    embedding_dropout: float = 0.0
    layer_dropout: float = 0.2
    recurrent_dropout: float = 0.0
    output_dropout: float = 0.2

    def __post_init__(self) -> None:
        if self.softmax not in SOFTMAXES:
            raise unknown_name("softmax", self.softmax, SOFTMAXES)
        require_range("layers", self.layers, at_least=1, below=_MOST_LAYERS + 1)
        require_range("hidden_size", self.hidden_size, at_least=1)
        if self.embedding_size is not None:
            require_range("embedding_size", self.embedding_size, at_least=1)
        if not all(re.fullmatch("[1-9][0-9]{0,8}", cutoff) for cutoff in self.cutoffs):
            raise OptionError(f"cutoffs must be whole numbers, were {', '.join(self.cutoffs)}")
        if self.cutoffs and self.softmax != "adaptive":
            raise OptionError("cutoffs belong to an adaptive softmax; give softmax adaptive")
        for part in ("word", "embedding", "layer", "recurrent", "output"):
            require_range(f"{part}_dropout", getattr(self, f"{part}_dropout"), at_least=0, below=1)
        require_cell(self.cell, recurrent_dropout=self.recurrent_dropout)


@dataclass(frozen=True, kw_only=True)
class StreamOptions:
    """Truncated backpropagation.

    Attributes:
        streams: places of the text that are read side by side, each with a state of its own that
            is carried on; fewer where the text is short.
        steps: units of a chunk: gradients flow back so far, the state from further.
    """

    streams: int = 16
    steps: int = 64

    def __post_init__(self) -> None:
        for name in ("streams", "steps"):
            require_range(name, getattr(self, name), at_least=1)


@dataclass(frozen=True, kw_only=True)
class LanguageTraining(TrainingOptions):
    """Optimisation; streams and steps are the batch, so batch_size and batch_tokens have no use.

    Attributes:
        epochs: most passes over the text.
        learning_rate: of Adam, reached after the warm-up.
        warmup: steps over which the learning rate rises from 0.
        averaging: decay of the running average of the weights, which is what is kept; 0 for none.
    """

    epochs: int = 10
    learning_rate: float = 3e-3
    warmup: int = 100
    averaging: float = 0.99

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("batch_size", "batch_tokens"):
            if getattr(self, name) != getattr(TrainingOptions, name):
                raise OptionError(f"{name} has no use here: streams and steps are the batch")
        if self.label_smoothing:
            raise OptionError("label_smoothing has no use here: what follows is to be foretold")


@dataclass(frozen=True, kw_only=True)
class GenerateConfig:
    """A language model: how text is read, in which units, what the model is, how it is trained.

    Attributes:
        reading: reading running text.
        split: holding text out.
        text: units and vocabulary.
        model: the model.
        streams: truncated backpropagation.
        training: optimisation.
    """

    # Options that a model to go on from has decided.
    DECIDED_BY_START: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "text": tuple(option.name for option in fields(UnitOptions)),
        "model": tuple(option.name for option in fields(LanguageModelOptions)),
    }

    reading: DocumentOptions = field(default_factory=DocumentOptions)
    split: HeldOutOptions = field(default_factory=HeldOutOptions)
    text: UnitOptions = field(default_factory=UnitOptions)
    model: LanguageModelOptions = field(default_factory=LanguageModelOptions)
    streams: StreamOptions = field(default_factory=StreamOptions)
    training: LanguageTraining = field(default_factory=LanguageTraining)
