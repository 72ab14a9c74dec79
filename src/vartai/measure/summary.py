"""Many rows in a few numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vartai.measure.ratios import Ratio, geometric_mean
from vartai.measure.rows import Row


@dataclass(frozen=True)
class Summary:
    """Ratios of others' times to Vartai's over a group of rows.

    Args:
        rows: how many there were.
        mean: geometric mean.
        worst: the least ratio of a row.
        worst_case: name of that row.
    """

    rows: int
    mean: float
    worst: Ratio
    worst_case: str


def summarise(rows: Sequence[Row], opponent: str | None = None) -> Summary | None:
    """Geometric mean and worst case.

    Args:
        rows: any; those without Vartai or without the opponent are left out.
        opponent: name of an entrant; None is the faster of torch's ways, row by row.

    Returns:
        None where no row is left.
    """
    found = [
        (ratio, row.case.name)
        for row in rows
        if (ratio := row.against_torch if opponent is None else row.ratio(opponent)) is not None
    ]
    if not found:
        return None
    worst, name = min(found, key=lambda pair: pair[0].value)
    return Summary(len(found), geometric_mean(ratio.value for ratio, _ in found), worst, name)


def noise(rows: Sequence[Row]) -> tuple[float, float] | None:
    """The least and the greatest ratio of the same code to itself, over all rows."""
    found = [control.value for row in rows if (control := row.control) is not None]
    return (min(found), max(found)) if found else None
