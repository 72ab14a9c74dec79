"""Cells compared as language models."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from vartai.data.passages import TextSplits
from vartai.tasks.contest import Measured
from vartai.tasks.generate.build import build_language_model
from vartai.tasks.generate.config import GenerateConfig
from vartai.tasks.generate.experiment import score_model
from vartai.tasks.generate.fit import fit_language_model
from vartai.tasks.identity import run_identity
from vartai.training.sitting import Sitting


@dataclass(frozen=True, eq=False)
class GenerateContest:
    """See `vartai.tasks.contest.Contest`.

    Args:
        config: of all cells, but for cell and hidden size.
        splits: the text, the same for every run.
    """

    config: GenerateConfig
    splits: TextSplits
    measure: str = "bits_per_character"
    higher: bool = False

    def sized(self, cell: str, hidden_size: int) -> GenerateConfig:
        """See `Contest`."""
        model = replace(self.config.model, cell=cell, hidden_size=hidden_size)
        return replace(self.config, model=model)

    def parameters(self, config: GenerateConfig) -> int:
        """See `Contest`."""
        plain = replace(config, model=replace(config.model, softmax="full", cutoffs=()))
        with torch.device("meta"):
            model = build_language_model(plain, vocabulary_size=3, unknown_id=1)
        return sum(value.numel() for value in model.encoder.parameters())

    def identity(self, config: GenerateConfig, *, seed: int) -> str:
        """See `Contest`."""
        parts = (self.splits.train, self.splits.valid, self.splits.test)
        rows = [[(passage.before, passage.text) for passage in part] for part in parts]
        own = replace(config, training=replace(config.training, seed=seed))
        return run_identity(own, *rows, [config.training.time])

    def run(self, config: GenerateConfig, *, seed: int) -> Measured | None:
        """See `Contest`."""
        config = replace(config, training=replace(config.training, seed=seed))
        task, outcome = fit_language_model(config, self.splits, sitting=Sitting())
        if outcome.reason == "interrupted":
            return None
        row, _ = score_model(task, self.splits.judged, seconds=outcome.seconds)
        scores = {
            "bits_per_character": row.fit.bits_per_character,
            "nats_per_unit": row.fit.nats_per_unit,
        }
        epochs = len(outcome.history)
        return Measured(scores, epochs, outcome.best_epoch, outcome.reason, float(outcome.seconds))
