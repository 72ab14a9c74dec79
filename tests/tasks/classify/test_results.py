"""The closing sentence: who is better, or that nobody can tell."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from vartai.tasks.classify.experiment import Report, Row
from vartai.tasks.classify.results import verdict


def _row(name: str, accuracy: float) -> Row:
    return Row(name, accuracy, accuracy, accuracy, 1.0, 100, np.ones(200, dtype=bool))


@dataclass
class Outline:
    """As much of a report as a verdict looks at."""

    models: list[Row]
    p_value: float
    baselines: list[Row] = field(
        default_factory=lambda: [_row("majority", 0.5), _row("n-grams", 0.8)]
    )


@pytest.mark.parametrize(
    ("accuracy", "p_value", "sentence"),
    [
        (0.9, 0.001, "lstm is better than n-grams by 0.100 (p = 0.001)."),
        (0.7, 0.001, "n-grams is better here by 0.100 (p = 0.001): use it."),
        (0.82, 0.4, "The difference to n-grams (+0.020) is within chance (p = 0.4) on 200 texts."),
        (0.78, 0.4, "The difference to n-grams (-0.020) is within chance (p = 0.4) on 200 texts."),
    ],
)
def test_the_verdict_is_honest(accuracy: float, p_value: float, sentence: str) -> None:
    report = Outline([_row("lstm", accuracy)], p_value)
    assert verdict(report) == sentence  # type: ignore[arg-type]


def test_an_outline_is_part_of_a_report() -> None:
    assert set(Outline.__annotations__) <= set(Report.__annotations__)
