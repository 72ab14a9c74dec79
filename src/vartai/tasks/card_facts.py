"""What a trained task says of itself on its model card, in plain values."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch

from vartai.tasks.parts import Task
from vartai.training.loop import Outcome
from vartai.training.options import TrainingOptions

Fact = str | int | float | bool
Scores = Mapping[str, float]
OfTask = TypeVar("OfTask", bound=Task)


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """Of one model.

    Args:
        tags: what a hub may find it by; the cell, for one.
        usage: a command that uses it, with FOLDER in the model's place.
        data: what it was trained on: files, rows, labels, rows left out.
        training: how: settings, seed, seconds, machine.
        metrics: score → value on the test part, or the validation part if there was no other.
        baselines: name → the same scores of a simpler method on the same examples.
        limits: sentences that say where the model should not be used.
        origin: where its weights are from, as the end of "a recurrent model …".
    """

    tags: Sequence[str]
    usage: str
    data: Mapping[str, Fact]
    training: Mapping[str, Fact]
    metrics: Scores
    baselines: Mapping[str, Scores]
    limits: Sequence[str]
    origin: str = "trained with Vartai"


def file_names(files: Sequence[str]) -> str:
    """Names alone: a card travels, and folders of the machine it was made on mean nothing there."""
    return ", ".join(Path(file).name for file in files)


def run_facts(options: TrainingOptions, outcome: Outcome, *, seconds: float) -> dict[str, Fact]:
    """What every training has to say: seed, epochs, seconds, machine."""
    return {
        "seed": options.seed,
        "epochs": len(outcome.history),
        "best epoch": outcome.best_epoch,
        "seconds": float(seconds),
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads, "
        f"torch {torch.__version__}",
    }


@dataclass(frozen=True, eq=False)
class Run(Generic[OfTask]):
    """A training that came to its end, judged or not, as a card tells of it.

    Args:
        task: what was trained.
        outcome: how that ended.
        metrics: what was measured, as `vartai.tasks.measured.run_as_mapping` gives it.
        data: what was trained on: files, sizes, rows left out.
        limits: sentences that say where the model should not be used.
    """

    task: OfTask
    outcome: Outcome
    metrics: Mapping[str, Any]
    data: Mapping[str, Fact]
    limits: Sequence[str]

    def card(
        self,
        *,
        tags: Sequence[str],
        usage: str,
        model: Mapping[str, Fact],
        shown: Sequence[str],
    ) -> CardFacts:
        """Its card, with the scores on the test part, or the validation part if it has no other.

        Args:
            tags: what a hub may find it by.
            usage: a command that uses it, with FOLDER in the model's place.
            model: what it is.
            shown: names of the scores, as far as they were measured.
        """
        judged = "test" in self.metrics
        scores = self.metrics["test" if judged else "valid"]
        options, seconds = self.task.config.training, self.metrics["seconds"]
        return CardFacts(
            tags=tags,
            usage=usage,
            data=self.data,
            training={
                **model,
                "parameters": self.metrics["parameters"],
                **run_facts(options, self.outcome, seconds=seconds),
            },
            metrics={name: scores[name] for name in shown if name in scores},
            baselines=self.metrics["baselines"] if judged else {},
            limits=self.limits,
        )
