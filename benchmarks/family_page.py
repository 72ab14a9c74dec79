"""What the runs of the family say, as tables and pictures for docs/results/family.md."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from benchmarks.pages import write_sections
from benchmarks.pictures import write_picture
from vartai.figures import spread_chart
from vartai.tasks.contest import Contest, Contestant, Run
from vartai.tasks.contest_table import Standing, standings

PAGE = Path(__file__).parent.parent / "docs" / "results" / "family.md"
PICTURES = PAGE.parent / "family"
# What Greff et al. found that an LSTM cannot do without.
_NEEDED = ("lstm-no-forget-gate", "lstm-no-output-activation")
_WITHOUT = "forget gate or output activation"
_FAR = 8.0
MEASURES = {"accuracy": "accuracy", "bits_per_character": "bits per character"}


def write_trial(
    name: str,
    contest: Contest,
    contestants: Sequence[Contestant],
    runs: Sequence[Run],
    *,
    rates: int,
) -> None:
    """The table of a task between its marks on the page, and its picture beside it.

    Args:
        name: of the task.
        contest: of it.
        contestants: cells, and after them the vanilla LSTM with other learning rates.
        runs: finished ones.
        rates: how many of the last contestants are other learning rates.
    """
    table = standings(contestants, runs, measure=contest.measure, higher=contest.higher)
    names = {contestant.name for contestant in contestants[:-rates]}
    cells = [each for each in table if each.contestant.name in names]
    others = [each for each in table if each.contestant.name not in names]
    measure = MEASURES[contest.measure]
    text = _table(cells, measure)
    if others:
        text += f"\n\nThe first row with other learning rates:\n\n{_table(others, measure)}"
        text += f"\n\n{_spans(cells, others, measure)}"
    write_sections(PAGE, {name: text})
    points = {each.contestant.name: _shown(each) for each in table if _shown(each)}
    title = f"{name}: {measure}, {cells[0].contestant.parameters:,} parameters"
    write_picture(spread_chart(points, axis=measure, title=title), PICTURES / f"{name}.png")


def _table(rows: Sequence[Standing], measure: str) -> str:
    lines = [
        f"| cell | units | parameters | {measure} | lowest–highest | beside the first | better |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in rows:
        own, scores, found = each.contestant, list(each.scores.values()), each.difference
        if each.mean is None:
            lines.append(f"| {own.name} | {own.hidden_size} | {own.parameters:,} | failed | | | |")
            continue
        beside = (
            "" if found is None else f"{found.mean:+.4f} ({found.low:+.4f} to {found.high:+.4f})"
        )
        better = "" if found is None else f"{found.better} of {found.seeds}"
        lines.append(
            f"| {own.name} | {own.hidden_size} | {own.parameters:,} | {each.mean:.4f} | "
            f"{min(scores):.4f}–{max(scores):.4f} | {beside} | {better} |"
        )
    return "\n".join(lines)


def _shown(standing: Standing) -> list[float]:
    """Scores that a picture has room for; the text says which have none."""
    return [score for score in standing.scores.values() if score < _FAR]


def _spans(cells: Sequence[Standing], others: Sequence[Standing], measure: str) -> str:
    """How far apart means are: of the variants, and of one cell with other learning rates."""
    variants = [each for each in cells[:9] if each.contestant.name not in _NEEDED]
    rates = (cells[0], *others)
    seeds = [max(each.scores.values()) - min(each.scores.values()) for each in variants]
    return (
        f"Spans of the means, {measure}: {_span(variants):.4f} over vanilla and its variants but "
        f"the two without {_WITHOUT}; {_span(rates):.4f} over the learning rates of vanilla. Seeds "
        f"of one of these cells span {math.fsum(seeds) / len(seeds):.4f} on average."
    )


def _span(rows: Sequence[Standing]) -> float:
    means = [each.mean for each in rows if each.mean is not None]
    return max(means) - min(means)
