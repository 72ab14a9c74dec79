"""Cells compared as text classifiers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from vartai.errors import OptionError
from vartai.tasks.classify.build import build_classifier
from vartai.tasks.classify.config import BAG, ClassifyConfig
from vartai.tasks.classify.evaluation import evaluate
from vartai.tasks.classify.experiment import Splits
from vartai.tasks.classify.fit import fit_classifier
from vartai.tasks.contest import Measured
from vartai.tasks.identity import run_identity
from vartai.training.sitting import Sitting


@dataclass(frozen=True, eq=False)
class ClassifyContest:
    """See `vartai.tasks.contest.Contest`.

    Args:
        config: of all cells, but for cell and hidden size.
        splits: the texts, the same for every run.

    Raises:
        OptionError: options with which cells cannot be told apart.
    """

    config: ClassifyConfig
    splits: Splits
    measure: str = "accuracy"
    higher: bool = True

    def __post_init__(self) -> None:
        if self.config.model.wide:
            raise OptionError("wide: scores of n-grams would hide what cells differ in")
        if self.config.pretraining.pretrain:
            raise OptionError("pretrain: a comparison has one budget, that of training")

    def sized(self, cell: str, hidden_size: int) -> ClassifyConfig:
        """See `Contest`."""
        if cell == BAG:
            raise OptionError("a bag has no recurrent layers to be compared")
        model = replace(self.config.model, cell=cell, hidden_size=hidden_size)
        return replace(self.config, model=model)

    def parameters(self, config: ClassifyConfig) -> int:
        """See `Contest`."""
        with torch.device("meta"):
            model = build_classifier(config.model, vocabulary_size=2, unknown_id=1, classes=2)
        if model.encoder is None:
            return 0
        return sum(value.numel() for value in model.encoder.parameters())

    def identity(self, config: ClassifyConfig, *, seed: int) -> str:
        """See `Contest`."""
        parts = (self.splits.train, self.splits.valid, self.splits.test)
        rows = [zip(part.texts, part.labels, strict=True) for part in parts]
        own = replace(config, training=replace(config.training, seed=seed))
        return run_identity(own, *rows, [config.training.time])

    def run(self, config: ClassifyConfig, *, seed: int) -> Measured | None:
        """See `Contest`."""
        config = replace(config, training=replace(config.training, seed=seed))
        parts = self.splits
        task, outcome = fit_classifier(config, parts.train, parts.valid, sitting=Sitting())
        if outcome.reason == "interrupted":
            return None
        found = evaluate(task, parts.test)
        scores = {
            "accuracy": float(found.accuracy),
            "macro_f1": float(found.macro_f1),
            "loss": float(found.loss),
        }
        epochs = len(outcome.history)
        return Measured(scores, epochs, outcome.best_epoch, outcome.reason, float(outcome.seconds))
