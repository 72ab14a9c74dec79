"""A trained and judged classifier into a bundle: its weights, its scores, its card."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from vartai.bundle.card import Fact, render_card
from vartai.bundle.trained import save_task
from vartai.tasks.classify.experiment import Report, Splits
from vartai.tasks.classify.results import history_as_values, report_as_mapping, verdict

_SHOWN = ("accuracy", "macro_f1", "shuffled_accuracy")
_MOST_LABELS = 20


def save_report(
    folder: Path, report: Report, *, splits: Splits, files: Sequence[str], rejected: int
) -> dict[str, Any]:
    """Save what came of a training run; an older bundle at its place survives any failure.

    Args:
        folder: where.
        report: the model and its scores.
        splits: the texts it learned from and was judged by.
        files: where they came from.
        rejected: rows of those files that could not be used.

    Returns:
        The scores that were saved, as `report_as_mapping` gives them.

    Raises:
        SaveError: it could not be written.
        OptionError: something that is no bundle is in the way.
    """
    scores = report_as_mapping(report, splits)
    metrics = {
        **scores,
        "best_epoch": report.outcome.best_epoch,
        "stopped_by": report.outcome.reason,
        "history": history_as_values(report),
    }
    card = render_card(
        name=folder.resolve().name,
        task="classify",
        tags=[report.task.config.model.cell],
        data=_data_facts(splits, files, rejected),
        training=_training_facts(report, scores),
        metrics={name: scores["test"][name] for name in _SHOWN},
        baselines=scores["baselines"],
        limits=_limits(report),
    )
    save_task(folder, "classify", report.task, metrics=metrics, card=card)
    return scores


def _data_facts(splits: Splits, files: Sequence[str], rejected: int) -> dict[str, Fact]:
    counts = Counter(label for labels in splits.train.labels for label in labels)
    labels = [f"{label} ({times:,})" for label, times in counts.most_common(_MOST_LABELS)]
    more = len(counts) - len(labels)
    return {
        # Names alone: a card travels, and folders of the machine it was made on mean nothing there.
        "files": ", ".join(Path(file).name for file in files),
        "texts to train on": len(splits.train),
        "texts to choose the epoch by": len(splits.valid),
        "texts to judge by": len(splits.test),
        "rows left out": rejected,
        "labels in training": ", ".join(labels) + (f" and {more:,} more" if more else ""),
    }


def _training_facts(report: Report, scores: dict[str, Any]) -> dict[str, Fact]:
    config = report.task.config
    return {
        "cell": config.model.cell,
        "n-gram path": config.model.wide,
        "unit": config.text.unit,
        "parameters": int(scores["parameters"]),
        "seed": config.training.seed,
        "epochs": len(report.outcome.history),
        "best epoch": report.outcome.best_epoch,
        "seconds": float(scores["seconds"]),
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads, "
        f"torch {torch.__version__}",
    }


def _limits(report: Report) -> list[str]:
    return [
        verdict(report),
        "Scores hold for texts like those it was judged by, and for no others.",
        "A text of which no token is in the vocabulary still gets a label; it says nothing.",
    ]
