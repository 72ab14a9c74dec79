"""What a training run came to, as plain values: what a bundle keeps in ``metrics.json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vartai.tasks.parts import Task
from vartai.training.loop import Outcome, history_as_values


def run_as_mapping(
    task: Task, outcome: Outcome, scores: Mapping[str, Any], *, seconds: float
) -> dict[str, Any]:
    """Scores of a model and how its training went, JSON values throughout.

    Args:
        task: that was trained.
        outcome: how its training ended.
        scores: what its task has to say: ``valid`` and, where it was judged, ``test`` and
            ``baselines``.
        seconds: that it took.

    Returns:
        ``seconds``, ``parameters``, the scores, ``best_epoch``, ``stopped_by`` and ``history``.
    """
    return {
        "seconds": round(seconds, 3),
        "parameters": sum(value.numel() for value in task.model.parameters()),
        **scores,
        "best_epoch": outcome.best_epoch,
        "stopped_by": outcome.reason,
        "history": history_as_values(outcome),
    }
