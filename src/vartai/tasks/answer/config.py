"""Everything a person can choose about a model that answers questions, with the defaults, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar

from vartai.data.options import SplitOptions
from vartai.data.questions.options import QuestionOptions
from vartai.errors import require_range, unknown_name
from vartai.text.options import TextOptions
from vartai.training.options import TrainingOptions

CELLS = ("lstm", "gru")
_LONGEST_TEXT = 1_000_000
_MOST_LAYERS = 100


@dataclass(frozen=True, kw_only=True)
class WordOptions:
    """Words and vocabulary.

    Attributes:
        lowercase: fold case before a word is looked up; its characters are read as they stand.
        vocabulary_size: most distinct words kept, the two special ones included; the commonest
            stay.
        min_frequency: a word seen fewer times than this in training is unknown.
    """

    lowercase: bool = True
    vocabulary_size: int = 100_000
    min_frequency: int = 2

    def __post_init__(self) -> None:
        self.as_text_options()

    def as_text_options(self) -> TextOptions:
        """The tokenizer's options. Nothing is cut: an answer may stand anywhere."""
        return TextOptions(
            lowercase=self.lowercase,
            vocabulary_size=self.vocabulary_size,
            min_frequency=self.min_frequency,
            max_tokens=_LONGEST_TEXT,
        )


@dataclass(frozen=True, kw_only=True)
class ReaderOptions:
    """The model.

    Attributes:
        cell: gru or lstm.
        layers: recurrent layers over a passage, and over a question (kind span).
        hidden_size: units of each layer and direction.
        embedding_size: numbers in a word's vector.
        character_size: units of each direction of the layer over a word's characters (kind span);
            0 for none.
        hops: how often a story is read (kind word).
        longest_answer: most tokens of an answer (kind span).
        word_dropout: share of words read as unknown, in training.
        dropout: share of features dropped, in training.
    """

    cell: str = "gru"
    layers: int = 2
    hidden_size: int = 64
    embedding_size: int = 64
    character_size: int = 24
    hops: int = 3
    longest_answer: int = 30
    word_dropout: float = 0.0
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if self.cell not in CELLS:
            raise unknown_name("cell", self.cell, CELLS)
        for name in ("hidden_size", "embedding_size", "longest_answer"):
            require_range(name, getattr(self, name), at_least=1)
        for name in ("layers", "hops"):
            require_range(name, getattr(self, name), at_least=1, below=_MOST_LAYERS + 1)
        require_range("character_size", self.character_size, at_least=0)
        for name in ("word_dropout", "dropout"):
            require_range(name, getattr(self, name), at_least=0, below=1)


@dataclass(frozen=True, kw_only=True)
class AnswerTrainingOptions(TrainingOptions):
    """Optimisation, as for every task; what to look for in a story is found late, so it waits."""

    epochs: int = 60
    patience: int = 20
    learning_rate: float = 3e-3
    clip: float = 5.0
    averaging: float = 0.99


@dataclass(frozen=True, kw_only=True)
class AnswerConfig:
    """A model that answers: how its questions are read, what it is, how it is trained.

    Attributes:
        questions: reading the questions.
        split: holding questions out.
        text: words and vocabulary.
        model: the model.
        training: optimisation.
    """

    # Options that a model to go on from has decided.
    DECIDED_BY_START: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "questions": ("kind",),
        "text": tuple(option.name for option in fields(WordOptions)),
        "model": tuple(option.name for option in fields(ReaderOptions)),
    }

    questions: QuestionOptions = field(default_factory=QuestionOptions)
    split: SplitOptions = field(default_factory=SplitOptions)
    text: WordOptions = field(default_factory=WordOptions)
    model: ReaderOptions = field(default_factory=ReaderOptions)
    training: AnswerTrainingOptions = field(default_factory=AnswerTrainingOptions)
