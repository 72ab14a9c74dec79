"""Cells compared as taggers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from vartai.errors import OptionError
from vartai.tasks.contest import Measured
from vartai.tasks.identity import run_identity
from vartai.tasks.tag.build import build_tagger
from vartai.tasks.tag.config import TagConfig
from vartai.tasks.tag.evaluation import evaluate
from vartai.tasks.tag.experiment import TagSplits
from vartai.tasks.tag.fit import fit_tagger
from vartai.tasks.tag.schemes import find_scheme
from vartai.training.sitting import Sitting, ignore


@dataclass(frozen=True, eq=False)
class TagContest:
    """See `vartai.tasks.contest.Contest`.

    Args:
        config: of all cells, but for cell and hidden size.
        splits: the sentences, the same for every run.

    Raises:
        OptionError: options with which cells cannot be told apart.
    """

    config: TagConfig
    splits: TagSplits
    higher: bool = True

    def __post_init__(self) -> None:
        if self.config.pretraining.pretrain:
            raise OptionError("pretrain: a comparison has one budget, that of training")

    @property
    def measure(self) -> str:
        """F1 of spans where tags spell spans, else accuracy: what `vartai train tag` goes by."""
        rows = self.splits.train.rows
        scheme = find_scheme(self.config.model.scheme, rows, note=ignore)
        return "accuracy" if scheme == "none" else "f1"

    def sized(self, cell: str, hidden_size: int) -> TagConfig:
        """See `Contest`."""
        model = replace(self.config.model, cell=cell, hidden_size=hidden_size)
        return replace(self.config, model=model)

    def parameters(self, config: TagConfig) -> int:
        """See `Contest`; the layers over characters, which have the cell too, are among them."""
        columns = [2 for _ in config.reading.input_column]
        with torch.device("meta"):
            model = build_tagger(
                replace(config.model, crf=False),
                words=3,
                unknown_id=1,
                characters=3,
                inputs=columns,
                tags=2,
                legal=None,
            )
        shapes = model.vectors.shapes
        layers = [model.encoder, *([] if shapes is None else [shapes.encoder])]
        return sum(value.numel() for each in layers for value in each.parameters())

    def identity(self, config: TagConfig, *, seed: int) -> str:
        """See `Contest`."""
        parts = (self.splits.train, self.splits.valid, self.splits.test)
        rows = [[(row.words, row.tags, row.inputs) for row in part.rows] for part in parts]
        own = replace(config, training=replace(config.training, seed=seed))
        return run_identity(own, *rows, [config.training.time])

    def run(self, config: TagConfig, *, seed: int) -> Measured | None:
        """See `Contest`."""
        config = replace(config, training=replace(config.training, seed=seed))
        parts = self.splits
        task, outcome = fit_tagger(config, parts.train, parts.valid, sitting=Sitting())
        if outcome.reason == "interrupted":
            return None
        found = evaluate(task, parts.test)
        scores = {"accuracy": float(found.accuracy), "f1": float(found.f1)}
        epochs = len(outcome.history)
        return Measured(scores, epochs, outcome.best_epoch, outcome.reason, float(outcome.seconds))
