"""What the runs of a contest say: means, spreads, and paired differences that claim no more.

Cells are compared seed by seed, since a seed fixes what they share: the order of the texts, and
chance itself where it can be shared. Whether a mean difference is more than chance is asked of the
signs alone: if neither cell were better, each seed's difference could as well have had the other
sign, and the p-value is the share of all choices of signs whose mean is as far from zero. It is
exact, and with few seeds it cannot be small: of three, never below 0.25.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vartai.tasks.contest import Contestant, Run

# Beyond so many seeds not all choices of signs are counted.
_MOST_SIGNS = 16


@dataclass(frozen=True)
class Difference:
    """One cell beside the first, over the seeds that both have.

    Args:
        mean: of the differences; above 0 where this cell is better.
        low: the smallest.
        high: the largest.
        better: seeds with which this cell is better.
        seeds: that both have.
        p: two-sided, of the exact test of signs; None beyond 16 seeds.
    """

    mean: float
    low: float
    high: float
    better: int
    seeds: int
    p: float | None


@dataclass(frozen=True)
class Standing:
    """One cell.

    Args:
        contestant: which.
        scores: by seed, of trainings that did not fail.
        failed: trainings that did.
        mean: of the scores; None without any.
        seconds: mean of its trainings, likewise.
        epochs: mean of its trainings, likewise.
        difference: to the first cell; None for the first itself, and where no seed is shared.
    """

    contestant: Contestant
    scores: Mapping[int, float]
    failed: int
    mean: float | None
    seconds: float | None
    epochs: float | None
    difference: Difference | None

    def facts(self) -> dict[str, Any]:
        """All of it, as JSON values."""
        own = self.contestant
        beside = None if self.difference is None else dict(vars(self.difference))
        return {
            "cell": own.name,
            "hidden_size": own.hidden_size,
            "parameters": own.parameters,
            "scores": {str(seed): score for seed, score in self.scores.items()},
            "failed": self.failed,
            "mean": self.mean,
            "seconds": self.seconds,
            "epochs": self.epochs,
            "difference": beside,
        }


def standings(
    contestants: Sequence[Contestant], runs: Sequence[Run], *, measure: str, higher: bool
) -> list[Standing]:
    """The cells that have a run, in the order given.

    Args:
        contestants: the first is what the others are set beside.
        runs: finished ones.
        measure: the score that is compared.
        higher: whether more of it is better.
    """
    made: list[Standing] = []
    first: Mapping[int, float] | None = None
    for contestant in contestants:
        every = sorted((run for run in runs if run.name == contestant.name), key=_seed)
        own = [run for run in every if run.measured.scores]
        scores = {run.seed: run.measured.scores[measure] for run in own}
        beside = None if first is None else difference(scores, first, higher=higher)
        first = scores if first is None else first
        if not every:
            continue
        made.append(
            Standing(
                contestant,
                scores,
                len(every) - len(own),
                _mean(list(scores.values())),
                _mean([run.measured.seconds for run in own]),
                _mean([run.measured.epochs for run in own]),
                beside,
            )
        )
    return made


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _seed(run: Run) -> int:
    return run.seed


def difference(
    scores: Mapping[int, float], first: Mapping[int, float], *, higher: bool
) -> Difference | None:
    """Of scores by seed; None where no seed is shared.

    Example:
        >>> found = difference({0: 0.9, 1: 0.8}, {0: 0.7, 1: 0.7}, higher=True)
        >>> found.better, round(found.mean, 3), found.p
        (2, 0.15, 0.5)
    """
    sign = 1.0 if higher else -1.0
    found = [sign * (scores[seed] - first[seed]) for seed in scores if seed in first]
    if not found:
        return None
    return Difference(
        mean=math.fsum(found) / len(found),
        low=min(found),
        high=max(found),
        better=sum(value > 0 for value in found),
        seeds=len(found),
        p=sign_test(found),
    )


def sign_test(differences: Sequence[float]) -> float | None:
    """Share of all choices of signs whose sum is as far from zero as this one; None for too many.

    Example:
        >>> sign_test([1.0, 2.0, 3.0])
        0.25
    """
    if len(differences) > _MOST_SIGNS:
        return None
    wanted = abs(math.fsum(differences)) * (1 - 1e-12)
    choices = itertools.product((1.0, -1.0), repeat=len(differences))
    far = sum(
        abs(math.fsum(sign * value for sign, value in zip(signs, differences, strict=True)))
        >= wanted
        for signs in choices
    )
    return float(far / 2 ** len(differences))
