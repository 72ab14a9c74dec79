"""What a person can choose about learning from texts before labels."""

from __future__ import annotations

from dataclasses import dataclass

from vartai.errors import OptionError, require_range
from vartai.training.duration import parse_duration
from vartai.training.unfreezing import ALL_AT_ONCE, Unfreezing


@dataclass(frozen=True, kw_only=True)
class PretrainingOptions:
    """Learning from the texts alone, before the labels.

    Attributes:
        pretrain: begin with word vectors counted from all texts that are given, those of
            --unlabelled too, and train them and the recurrent layer as a language model of these
            texts that reads both ways.
        pretrain_epochs: most passes of the language model over these texts; 0 leaves it out, and
            only counts the vectors.
        pretrain_time: pretraining stops after this long, as 90s, 10m or 1h30m; no limit if not
            given.
        pretrain_rate: learning rate of pretraining.
        pretrain_batch_tokens: most tokens in a batch of pretraining, over all processes. A language
            model has more to learn than labels, and needs more steps.
        pretrain_dropout: share of the outputs dropped in pretraining.
        samples: tokens that each true one is told from, drawn anew for each batch.
        slower: the learning rate of each part of a pretrained model, from the output down, is so
            many times below that of the one above it.
        gradual: the output alone learns in the first epoch, then the recurrent layers too, then the
            word vectors.
    """

    pretrain: bool = False
    pretrain_epochs: int = 3
    pretrain_time: str | None = None
    pretrain_rate: float = 3e-3
    pretrain_batch_tokens: int = 2_000
    pretrain_dropout: float = 0.2
    samples: int = 1_000
    slower: float = 1.0
    gradual: bool = False

    def __post_init__(self) -> None:
        require_range("pretrain_epochs", self.pretrain_epochs, at_least=0)
        for name in ("pretrain_batch_tokens", "samples", "slower"):
            require_range(name, getattr(self, name), at_least=1)
        require_range("pretrain_rate", self.pretrain_rate, above=0)
        require_range("pretrain_dropout", self.pretrain_dropout, at_least=0, below=1)
        if self.pretrain_time is not None:
            parse_duration(self.pretrain_time, option="pretrain_time")

    def schedule(self) -> Unfreezing:
        """How a model that begins so learns from labels; its parts are named as everywhere."""
        if not self.pretrain:
            return ALL_AT_ONCE
        parts = (("output", "pool"), ("encoder",), ("vectors",))
        return Unfreezing(parts, slower=self.slower, gradual=self.gradual)


def require_pretrainable(cell: str, embeddings: str | None, options: PretrainingOptions) -> None:
    """Refuse what pretraining could not do, or what would leave it nothing to do.

    Raises:
        OptionError: a language model of a bag of embeddings; vectors both given and counted.
    """
    if not options.pretrain:
        return
    if options.pretrain_epochs and cell == "bag":
        raise OptionError(
            "a bag reads no order, so it has no language model: "
            "with pretrain_epochs 0 its vectors are counted alone"
        )
    if not options.pretrain_epochs and embeddings is not None:
        raise OptionError(
            f"pretrain_epochs 0 only counts vectors, and {embeddings} gives them: leave one out"
        )
