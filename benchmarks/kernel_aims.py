"""What the core was meant to reach, beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.kernel_tables import with_interval
from vartai.measure.cases import WIDE
from vartai.measure.entrants import PEAK
from vartai.measure.ratios import Ratio, geometric_mean
from vartai.measure.rows import Row
from vartai.measure.summary import summarise

# What is measured, what came of it in words, its value, and the least it was meant to be.
Aim = tuple[str, str, float, float]


def aim_table(rows: Sequence[Row]) -> str:
    """A line for each aim that something was measured for."""
    best = [row for row in rows if row.times and row.case.instruction_set is None]
    lines = ["| | measured | aim | |", "|---|---|---|---|"]
    for aims in (_over_all, _ragged_training, _against_onnx, _steps, _layer_norm, _peak):
        for name, said, value, least in aims(best):
            verdict = "reached" if value >= least else f"missed by {least - value:.2f}"
            lines.append(f"| {name} | {said} | ≥ {least} | {verdict} |")
    return "\n".join(lines)


def _over_all(rows: Sequence[Row]) -> Iterator[Aim]:
    found = summarise([row for row in rows if row.case.is_regular])
    if found is not None:
        said = f"{found.mean:.2f} of {found.rows} cases"
        yield "torch's faster way, geometric mean", said, found.mean, 2.5
        said = f"{with_interval(found.worst)}, {found.worst_case}"
        yield "torch's faster way, worst case", said, found.worst.value, 1.0


def _ragged_training(rows: Sequence[Row]) -> Iterator[Aim]:
    for row in rows:
        case = row.case
        shape = case.ragged and case.training and case.size == 128 and case.layers == 1
        if shape and case.cell in ("GRU", "LSTM"):
            yield from _aim(f"torch packed, {case.name}", row.ratio("torch packed"), 3.0)


def _against_onnx(rows: Sequence[Row]) -> Iterator[Aim]:
    for ragged, word, least in ((False, "dense", 1.0), (True, "ragged", 1.5)):
        ratios = [
            found.value
            for row in rows
            if row.case.is_regular
            and row.case.ragged == ragged
            and (found := row.ratio("onnxruntime")) is not None
        ]
        if ratios:
            mean = geometric_mean(ratios)
            said = f"{mean:.2f} of {len(ratios)} cases, the worst {min(ratios):.2f}"
            yield f"ONNX Runtime, {word} inference, geometric mean", said, mean, least


def _steps(rows: Sequence[Row]) -> Iterator[Aim]:
    for row in rows:
        if row.case.kind != "step":
            continue
        name = row.case.name
        yield from _aim(f"torch cell / vartai cell, {name}", _over(row, "vartai cell"), 2.0)
        if row.case.size <= 256:
            prepared = _over(row, "vartai prepared")
            yield from _aim(f"torch cell / vartai prepared, {name}", prepared, 4.0)
        if row.case.cell == "LSTM":
            layer = row.ratio("torch", over="vartai prepared")
            yield from _aim(f"torch LSTM with T = 1 / vartai prepared, {name}", layer, 10.0)


def _over(row: Row, ours: str) -> Ratio | None:
    return row.ratio("torch cell", over=ours)


def _layer_norm(rows: Sequence[Row]) -> Iterator[Aim]:
    for row in rows:
        if row.case.kind == "layer norm" and row.case.training:
            yield from _aim(f"eager loop, {row.case.name}", row.ratio("torch loop"), 5.0)


def _peak(rows: Sequence[Row]) -> Iterator[Aim]:
    for row in rows:
        if row.case.kind == "layer" and row.case.size == WIDE:
            least = 0.70 if row.case.training else 0.85
            yield from _aim(f"share of the peak, {row.case.name}", row.ratio(PEAK), least)


def _aim(name: str, ratio: Ratio | None, least: float) -> Iterator[Aim]:
    if ratio is not None:
        yield name, with_interval(ratio), ratio.value, least
