"""Everything a person can choose about a tagger, with the defaults, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar

from vartai.data.options import SplitOptions
from vartai.data.tagged.options import TaggedOptions
from vartai.errors import OptionError, require_range, unknown_name
from vartai.kernels.cell_names import require_cell
from vartai.tasks.pretraining_options import PretrainingOptions, require_pretrainable
from vartai.training.options import TrainingOptions

SCHEMES = ("auto", "none", "bio", "iobes")


@dataclass(frozen=True, kw_only=True)
class TagTextOptions:
    """Words and characters.

    Attributes:
        lowercase: words are looked up in lower case; their characters keep their case.
        vocabulary_size: most words that have a vector of their own.
        min_frequency: words seen more seldom in training have none, only their characters.
        max_characters: of a longer word the middle characters are not read.
    """

    lowercase: bool = True
    vocabulary_size: int = 100_000
    min_frequency: int = 2
    max_characters: int = 40

    def __post_init__(self) -> None:
        require_range("vocabulary_size", self.vocabulary_size, at_least=3)
        require_range("min_frequency", self.min_frequency, at_least=1)
        require_range("max_characters", self.max_characters, at_least=2)


@dataclass(frozen=True, kw_only=True)
class TaggerOptions:
    """The model.

    Attributes:
        cell: over words and over characters: lstm, gru, rnn; lstm-peephole, lstm-no-input-gate,
            lstm-no-forget-gate, lstm-no-output-gate, lstm-no-input-activation,
            lstm-no-output-activation, lstm-coupled, lstm-gate-recurrence, lstm-layer-norm,
            lstm-depth-gated; gru-reset-before, gru-layer-norm; clockwork-rnn, ind-rnn, min-gru,
            min-lstm, slstm; grid-lstm, grid-lstm-tied.
        layers: recurrent layers over words, each reading the outputs of the one below.
        bidirectional: over words, a second direction reads from the end to the start; without it a
            word's tag depends on the words before it alone.
        hidden_size: units of each layer and direction over words.
        embedding_size: numbers in a word's vector.
        character_embedding_size: numbers in a character's vector.
        character_size: units of each direction over a word's characters; 0 to not read them.
        column_size: numbers in the vector of a value of an input column.
        affixes: longest prefix and suffix of words that have vectors, in characters; 0 for none.
        crf: score whole rows of tags, transitions included, and choose the best row.
        scheme: what tags such as B-NP mean: bio or iobes, whose spans are scored and, with crf,
            whose illegal transitions are ruled out; none; or auto: as the training tags look.
        word_dropout: share of words read as unknown in training, their characters still read.
        input_dropout: share of the numbers of words dropped for a whole sentence.
        layer_dropout: share of outputs dropped between layers.
        output_dropout: share of the last layer's outputs dropped.
        embeddings: file of word vectors (word2vec or GloVe text format) to start from.
    """

    cell: str = "lstm"
    layers: int = 1
    bidirectional: bool = True
    hidden_size: int = 128
    embedding_size: int = 100
    character_embedding_size: int = 32
    character_size: int = 64
    column_size: int = 32
    affixes: int = 5
    crf: bool = False
    scheme: str = "auto"
    word_dropout: float = 0.4
    input_dropout: float = 0.4
    layer_dropout: float = 0.4
    output_dropout: float = 0.5
    embeddings: str | None = None

    def __post_init__(self) -> None:
        require_cell(self.cell)
        if self.scheme not in SCHEMES:
            raise unknown_name("scheme", self.scheme, SCHEMES)
        sizes = ("layers", "hidden_size", "embedding_size", "character_embedding_size")
        for name in (*sizes, "column_size"):
            require_range(name, getattr(self, name), at_least=1)
        for name in ("character_size", "affixes"):
            require_range(name, getattr(self, name), at_least=0)
        for name, most in (("layers", 64), ("affixes", 16)):
            if getattr(self, name) > most:
                raise OptionError(f"{name} must be at most {most}, was {getattr(self, name)}")
        for name in ("word_dropout", "input_dropout", "layer_dropout", "output_dropout"):
            require_range(name, getattr(self, name), at_least=0, below=1)


@dataclass(frozen=True, kw_only=True)
class TagTrainingOptions(TrainingOptions):
    """Optimisation, as for every task; sentences are short, so batches are small."""

    epochs: int = 15
    learning_rate: float = 3e-3
    batch_size: int | None = 32
    averaging: float = 0.998


@dataclass(frozen=True, kw_only=True)
class TagConfig:
    """A tagger: how its file is read, what it reads, what it is, how it is trained.

    Attributes:
        reading: reading the file.
        split: holding sentences out.
        text: words and characters.
        model: the model.
        pretraining: learning from the sentences alone first.
        training: optimisation.
    """

    # Options that a model to go on from has decided. Word vectors were read when it began.
    DECIDED_BY_START: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "reading": ("column", "words", "input_column"),
        "text": tuple(option.name for option in fields(TagTextOptions)),
        "model": tuple(
            option.name for option in fields(TaggerOptions) if option.name != "embeddings"
        ),
    }

    reading: TaggedOptions = field(default_factory=TaggedOptions)
    split: SplitOptions = field(default_factory=SplitOptions)
    text: TagTextOptions = field(default_factory=TagTextOptions)
    model: TaggerOptions = field(default_factory=TaggerOptions)
    pretraining: PretrainingOptions = field(default_factory=PretrainingOptions)
    training: TagTrainingOptions = field(default_factory=TagTrainingOptions)

    def __post_init__(self) -> None:
        require_pretrainable(self.model.cell, self.model.embeddings, self.pretraining)
        if self.model.crf and self.training.label_smoothing:
            raise OptionError(
                "label_smoothing spreads the target of each word; with crf whole rows are targets"
            )
