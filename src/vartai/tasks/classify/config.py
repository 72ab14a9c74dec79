"""Everything a person can choose about a text classifier, with the defaults, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar

from vartai.data.options import SplitOptions, TableOptions
from vartai.errors import OptionError, require_range, unknown_name
from vartai.kernels.cell_names import require_cell
from vartai.tasks.pretraining_options import PretrainingOptions, require_pretrainable
from vartai.text.options import TextOptions
from vartai.training.options import TrainingOptions

BAG = "bag"
POOLS = ("last", "mean", "max", "attention")
CLASS_WEIGHTS = ("none", "balanced")


@dataclass(frozen=True, kw_only=True)
class ClassifierOptions:
    """The model.

    Attributes:
        cell: lstm, gru, rnn; lstm-peephole, lstm-no-input-gate, lstm-no-forget-gate,
            lstm-no-output-gate, lstm-no-input-activation, lstm-no-output-activation, lstm-coupled,
            lstm-gate-recurrence, lstm-layer-norm, lstm-depth-gated; gru-reset-before,
            gru-layer-norm; clockwork-rnn, ind-rnn, min-gru, min-lstm, slstm; grid-lstm,
            grid-lstm-tied; or bag (the mean of the embeddings, which knows no order).
        layers: recurrent layers, each reading the outputs of the one below.
        bidirectional: a second direction reads from the end to the start.
        hidden_size: units of each layer and direction.
        embedding_size: numbers in a token's vector.
        pool: from the outputs of all steps to one vector: last, mean, max or attention.
        segment: a text is read in pieces of so many tokens, each from a fresh state, and pooled
            as a whole; read in one go if not given. Long texts are learned faster so.
        word_dropout: share of tokens read as unknown, in training.
        embedding_dropout: share of embedding features dropped for a whole text.
        layer_dropout: share of outputs dropped between layers.
        output_dropout: share of pooled features dropped.
        embeddings: file of word vectors (word2vec or GloVe text format) to start from.
        wide: add the scores of a linear n-gram model; shown in rows of its own.
        class_weights: none, or balanced: rare classes weigh more in the loss.
    """

    cell: str = "lstm"
    layers: int = 1
    bidirectional: bool = True
    hidden_size: int = 128
    embedding_size: int = 128
    pool: str = "max"
    segment: int | None = None
    word_dropout: float = 0.1
    embedding_dropout: float = 0.5
    layer_dropout: float = 0.2
    output_dropout: float = 0.5
    embeddings: str | None = None
    wide: bool = False
    class_weights: str = "none"

    def __post_init__(self) -> None:
        require_cell(self.cell, also=(BAG,))
        for kind, known in (("pool", POOLS), ("class_weights", CLASS_WEIGHTS)):
            if getattr(self, kind) not in known:
                raise unknown_name(kind, getattr(self, kind), known)
        for name in ("layers", "hidden_size", "embedding_size"):
            require_range(name, getattr(self, name), at_least=1)
        if self.segment is not None:
            require_range("segment", self.segment, at_least=1)
            if self.pool == "last":
                raise OptionError("pool last would see no segment but the last; choose another")
        for name in ("word_dropout", "embedding_dropout", "layer_dropout", "output_dropout"):
            require_range(name, getattr(self, name), at_least=0, below=1)


@dataclass(frozen=True, kw_only=True)
class ClassifyConfig:
    """A text classifier: how its table is read, what it reads, what it is, how it is trained.

    Attributes:
        table: reading the table.
        split: holding texts out.
        text: tokens and vocabulary.
        model: the model.
        pretraining: learning from the texts alone first.
        training: optimisation.
    """

    # Options that a model to go on from has decided. Word vectors were read when it began.
    DECIDED_BY_START: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "table": ("label_separator",),
        "text": tuple(option.name for option in fields(TextOptions)),
        "model": tuple(
            option.name for option in fields(ClassifierOptions) if option.name != "embeddings"
        ),
    }

    table: TableOptions = field(default_factory=TableOptions)
    split: SplitOptions = field(default_factory=SplitOptions)
    text: TextOptions = field(default_factory=TextOptions)
    model: ClassifierOptions = field(default_factory=ClassifierOptions)
    pretraining: PretrainingOptions = field(default_factory=PretrainingOptions)
    training: TrainingOptions = field(default_factory=TrainingOptions)

    def __post_init__(self) -> None:
        require_pretrainable(self.model.cell, self.model.embeddings, self.pretraining)
