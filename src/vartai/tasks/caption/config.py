"""Everything a person can choose about a captioner, with the defaults, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar

from vartai.data.caption_options import CaptionTableOptions
from vartai.errors import OptionError, require_range, unknown_name
from vartai.images.options import PictureOptions
from vartai.images.sizes import LARGEST_SIZE
from vartai.training.options import TrainingOptions

ATTENTIONS = ("soft", "hard", "none")
CHOICES = ("loss", "bleu")
GLANCES = ("expected", "likeliest")
ENCODERS = ("cnn", "given")
# What a model file may ask for before anything is made of it.
MOST_LAYERS, MOST_UNITS, MOST_WORDS = 8, 1 << 16, 1_000


@dataclass(frozen=True, kw_only=True)
class ChangeOptions:
    """What training changes about pictures, so that the same one is never seen twice alike.

    Attributes:
        flip: mirror half of the pictures; not where captions say left and right.
        shift: move each picture by at most so many pixels in both directions.
    """

    flip: bool = False
    shift: int = 0

    def __post_init__(self) -> None:
        require_range("shift", self.shift, at_least=0, below=LARGEST_SIZE)


@dataclass(frozen=True, kw_only=True)
class CaptionWords:
    """The vocabulary: words of the training captions.

    Attributes:
        lowercase: fold case before anything else.
        vocabulary_size: most words kept, the end and the unknown one included; the commonest stay.
        min_frequency: a word seen fewer times than this in training is unknown; it is never
            written.
        max_tokens: captions of more words are not trained on (counted and said), and none longer
            is written.
    """

    lowercase: bool = True
    vocabulary_size: int = 10_000
    min_frequency: int = 2
    max_tokens: int = 50

    def __post_init__(self) -> None:
        require_range("vocabulary_size", self.vocabulary_size, at_least=3)
        require_range("min_frequency", self.min_frequency, at_least=1)
        require_range("max_tokens", self.max_tokens, at_least=2, below=MOST_WORDS + 1)


@dataclass(frozen=True, kw_only=True)
class CaptionerOptions:
    """The model.

    Attributes:
        attention: soft: the annotations' mean by their weights; hard: one of them, drawn by its
            weight in training; none: their plain mean, the same before every word.
        hidden_size: units of the LSTM.
        embedding_size: numbers in a word's vector.
        attention_size: units of the network that weighs the annotations.
        start_layers: layers from the mean annotation to the first state.
        gate: one number before each word, from 0 to 1, says how much of the picture it needs. It
            may close before encoder and words have found each other, and then they never do.
        word_dropout: share of words read as unknown, in training.
        embedding_dropout: share of the vectors' features dropped for a whole caption.
        output_dropout: share of the numbers dropped before and after the hidden layer of the
            output.
        encoder: cnn: a convolutional net, trained along; given: the table names .npy files of
            annotations, [places, numbers], in the place of pictures.
        freeze: the encoder does not learn; for a model that goes on from another one.
    """

    attention: str = "soft"
    hidden_size: int = 256
    embedding_size: int = 128
    attention_size: int = 128
    start_layers: int = 1
    gate: bool = False
    word_dropout: float = 0.0
    embedding_dropout: float = 0.1
    output_dropout: float = 0.3
    encoder: str = "cnn"
    freeze: bool = False

    def __post_init__(self) -> None:
        for kind, known in (("attention", ATTENTIONS), ("encoder", ENCODERS)):
            if getattr(self, kind) not in known:
                raise unknown_name(kind, getattr(self, kind), known)
        for name in ("hidden_size", "embedding_size", "attention_size"):
            require_range(name, getattr(self, name), at_least=1, below=MOST_UNITS + 1)
        require_range("start_layers", self.start_layers, at_least=1, below=MOST_LAYERS + 1)
        for name in ("word_dropout", "embedding_dropout", "output_dropout"):
            require_range(name, getattr(self, name), at_least=0, below=1)


@dataclass(frozen=True, kw_only=True)
class LookingOptions:
    """What training asks of attention (Xu et al. 2015, section 4).

    Attributes:
        even: λ of the doubly stochastic term: λ Σ_i (1 - Σ_t α_ti)² for each caption, so that
            every place is looked at in the course of it.
        score_weight: λ_r of hard attention: how much the success of drawn places counts.
        entropy_weight: λ_e of hard attention: how much undecided weights are rewarded.
        baseline_decay: of the running mean that the success of drawn places is compared with.
        soft_share: share of the batches in which hard attention looks by the weights after all.
    """

    even: float = 0.0
    score_weight: float = 0.1
    entropy_weight: float = 0.002
    baseline_decay: float = 0.9
    soft_share: float = 0.5

    def __post_init__(self) -> None:
        for name in ("even", "score_weight", "entropy_weight"):
            require_range(name, getattr(self, name), at_least=0)
        require_range("baseline_decay", self.baseline_decay, at_least=0, below=1)
        if not 0 <= self.soft_share <= 1:
            raise OptionError(f"soft_share must be from 0 to 1, was {self.soft_share}")


@dataclass(frozen=True, kw_only=True)
class CaptionWriting:
    """How captions are found.

    Attributes:
        beam: captions kept side by side; 1 takes the likeliest word at every step.
        length_penalty: captions are compared by their log-probability divided by
            ((5 + words) / 6) to this power (Wu et al. 2016, equation 14); 0 favours short ones.
        glance: expected: look by the weights; likeliest: at the place of the highest weight only.
    """

    beam: int = 5
    length_penalty: float = 0.0
    glance: str = "expected"

    def __post_init__(self) -> None:
        require_range("beam", self.beam, at_least=1, below=129)
        require_range("length_penalty", self.length_penalty, at_least=0)
        if self.glance not in GLANCES:
            raise unknown_name("glance", self.glance, GLANCES)


@dataclass(frozen=True, kw_only=True)
class CaptionChoice:
    """Which epoch's weights are kept.

    Attributes:
        choose: loss: the lowest loss of the validation captions; bleu: the highest BLEU-4 of
            greedy captions of a sample of the validation pictures.
        sample: validation pictures captioned for bleu.
    """

    choose: str = "bleu"
    sample: int = 500

    def __post_init__(self) -> None:
        if self.choose not in CHOICES:
            raise unknown_name("choose", self.choose, CHOICES)
        require_range("sample", self.sample, at_least=1)


@dataclass(frozen=True, kw_only=True)
class CaptionTraining(TrainingOptions):
    """Optimisation; a batch is of pictures, each with all its captions.

    Attributes:
        epochs: most passes over the training pictures.
        time: training stops after this long, as 90s, 10m or 1h30m; no limit if not given.
        patience: stop after this many epochs without a better validation score.
        learning_rate: of Adam, reached after the warm-up.
        warmup: steps over which the learning rate rises from 0.
        batch_size: most pictures in a batch, over all processes.
        batch_tokens: most words in a batch, over all processes.
        clip: largest joint norm of the gradients; a larger one is scaled down.
        weight_decay: decoupled decay of the weight matrices, not of embeddings.
        label_smoothing: share of each target spread evenly over all words.
        averaging: decay of the running average of the weights, which is what is kept; 0 for none.
        threads: of the CPU that one process uses; as torch decides if not given.
        device: cpu, cuda, or auto: a GPU if there is one.
        seed: decides splits, first weights, order, dropout and places drawn.
        checkpoint: a checkpoint is written at least this often, as 5m.
    """

    epochs: int = 20
    patience: int = 5
    learning_rate: float = 1e-3
    warmup: int = 200
    batch_size: int | None = 32
    batch_tokens: int = 8_000


@dataclass(frozen=True, kw_only=True)
class CaptionConfig:
    """A captioner: how its table is read, what it sees and writes, how it is trained.

    Attributes:
        table: reading the table.
        pictures: their size, and the encoder that is trained along.
        changes: what training changes about them.
        text: the vocabulary.
        model: the model.
        looking: what training asks of attention.
        writing: how captions are found.
        choice: which epoch is kept.
        training: optimisation.
    """

    # Options that a model to go on from has decided. A vocabulary, once learned, stays.
    DECIDED_BY_START: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "pictures": tuple(option.name for option in fields(PictureOptions)),
        "text": tuple(option.name for option in fields(CaptionWords)),
        "model": tuple(o.name for o in fields(CaptionerOptions) if o.name != "freeze"),
    }

    table: CaptionTableOptions = field(default_factory=CaptionTableOptions)
    pictures: PictureOptions = field(default_factory=PictureOptions)
    changes: ChangeOptions = field(default_factory=ChangeOptions)
    text: CaptionWords = field(default_factory=CaptionWords)
    model: CaptionerOptions = field(default_factory=CaptionerOptions)
    looking: LookingOptions = field(default_factory=LookingOptions)
    writing: CaptionWriting = field(default_factory=CaptionWriting)
    choice: CaptionChoice = field(default_factory=CaptionChoice)
    training: CaptionTraining = field(default_factory=CaptionTraining)

    def __post_init__(self) -> None:
        if self.model.encoder == "given":
            self._require_no_encoder()

    def _require_no_encoder(self) -> None:
        """Refuse what could have no effect on annotations that are given."""
        asked = [name for name in ("flip", "shift") if getattr(self.changes, name)]
        asked += ["freeze"] * self.model.freeze
        if asked:
            raise OptionError(
                f"{', '.join(asked)}: of no use with encoder given, whose annotations come as they "
                "are"
            )
