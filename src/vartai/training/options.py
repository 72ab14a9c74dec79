"""How a model is trained: the part of every task's configuration that concerns optimisation."""

from __future__ import annotations

from dataclasses import dataclass

from vartai.errors import require_range, unknown_name
from vartai.training.duration import parse_duration

DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """Optimisation.

    Attributes:
        epochs: most passes over the training texts.
        time: training stops after this long, as 90s, 10m or 1h30m; no limit if not given.
        patience: stop after this many epochs without a better validation score.
        learning_rate: of Adam, reached after the warm-up.
        warmup: steps over which the learning rate rises from 0.
        batch_size: most texts in a batch, over all processes; from 32 for few texts to 256 for
            many if not given.
        batch_tokens: most tokens in a batch, over all processes.
        clip: largest joint norm of the gradients; a larger one is scaled down.
        weight_decay: decoupled decay of the weight matrices, not of embeddings.
        label_smoothing: share of each target spread evenly over all classes.
        averaging: decay of the running average of the weights, which is what is kept; 0 for none.
        threads: of the CPU that one process uses; as torch decides if not given. One is faster for
            small models, and on a machine that is busy with other work.
        device: cpu, cuda, or auto: a GPU if there is one.
        seed: decides splits, first weights, order and dropout.
        checkpoint: a checkpoint is written at least this often, as 5m.
    """

    epochs: int = 6
    time: str | None = None
    patience: int = 4
    learning_rate: float = 5e-3
    warmup: int = 50
    batch_size: int | None = None
    batch_tokens: int = 16_000
    clip: float = 1.0
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    averaging: float = 0.998
    threads: int | None = None
    device: str = "auto"
    seed: int = 0
    checkpoint: str = "5m"

    def __post_init__(self) -> None:
        if self.device not in DEVICES:
            raise unknown_name("device", self.device, DEVICES)
        for name in ("epochs", "patience", "batch_tokens"):
            require_range(name, getattr(self, name), at_least=1)
        for name in ("batch_size", "threads"):
            if getattr(self, name) is not None:
                require_range(name, getattr(self, name), at_least=1)
        for name in ("learning_rate", "clip"):
            require_range(name, getattr(self, name), above=0)
        for name in ("warmup", "weight_decay", "seed"):
            require_range(name, getattr(self, name), at_least=0)
        for name in ("label_smoothing", "averaging"):
            require_range(name, getattr(self, name), at_least=0, below=1)
        parse_duration(self.checkpoint, option="checkpoint")
        if self.time is not None:
            parse_duration(self.time, option="time")
