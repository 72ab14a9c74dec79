"""Rows of measurements as tables of docs/results/kernels.md."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from vartai.measure.entrants import OURS, PEAK
from vartai.measure.peaks import Peaks
from vartai.measure.ratios import Ratio
from vartai.measure.rows import Row
from vartai.measure.summary import noise, summarise

# Entrants of the tables of layers: column, name.
_LAYER_COLUMNS = {
    "torch": "torch",
    "torch packed": "torch packed",
    "torch padded": "torch padded",
    "torch cells": "torch cells",
    "torch loop": "torch loop",
    "torch.compile": "torch.compile",
    "ONNX Runtime": "onnxruntime",
    "vartai packed": "vartai packed",
    "control": "vartai again",
}


def conditions(machine: str, seconds: float, peaks: Peaks, rows: Sequence[Row]) -> str:
    """The machine, its peaks, how long was measured, and the noise."""
    try:
        machine += f", ONNX Runtime {version('onnxruntime')}"
    except PackageNotFoundError:
        machine += ", no ONNX Runtime"
    lines = [machine, ""]
    if peaks.multiply_add is not None:
        lines.append(f"- float32 multiply-add in registers: {peaks.multiply_add:.0f} Gflop/s")
    lines.append(f"- torch's matrix product: {peaks.matrix_product:.0f} Gflop/s")
    fewest = min(row.rounds for row in rows if row.times)
    lines.append(f"- {seconds:g} s a case at least; {fewest} rounds of turns in each or more")
    bounds = noise(rows)
    if bounds is not None:
        lines.append(
            f"- the same code against itself, in all cases: {bounds[0]:.2f}–{bounds[1]:.2f}"
        )
    return "\n".join(lines)


def layer_table(rows: Sequence[Row]) -> str:
    """Times of others over Vartai's with their intervals; only columns that have an entry."""
    if not any(row.times for row in rows):
        return _nothing(rows)
    columns = {
        title: name
        for title, name in _LAYER_COLUMNS.items()
        if any(name in row.times for row in rows)
    }
    lines = _head(["case", "vartai ms", *columns, "of peak"])
    for row in rows:
        if not row.times:
            continue
        fill = f" (fill {row.case.fill:.2f})" if row.case.ragged else ""
        cells = [with_interval(row.ratio(name)) for name in columns.values()]
        peak = row.share_of_peak
        share = "" if peak is None else f"{peak.value:.2f}"
        lines.append(_line([row.case.name + fill, f"{row.milliseconds(OURS):.3g}", *cells, share]))
    return "\n".join([*lines, "", *_sums(rows)])


def _sums(rows: Sequence[Row]) -> list[str]:
    lines = []
    for name, opponent in (("the faster of torch's ways", None), ("ONNX Runtime", "onnxruntime")):
        found = summarise(rows, opponent)
        if found is not None:
            lines.append(
                f"- against {name}: geometric mean {found.mean:.2f} of {found.rows}; worst "
                f"{with_interval(found.worst)}, {found.worst_case}"
            )
    return lines


def peak_table(rows: Sequence[Row]) -> str:
    """Share of the multiply-add peak that each entrant's products reach."""
    names = ("vartai", "torch", "onnxruntime")
    lines = _head(["case", *names])
    for row in rows:
        shares = [_share(row, name) for name in names]
        lines.append(_line([row.case.name, *shares]))
    return "\n".join(lines)


def step_table(rows: Sequence[Row]) -> str:
    """Microseconds of a step, then ratios of torch's ways to Vartai's."""
    ours = ("vartai", "vartai cell", "vartai prepared", "vartai bfloat16")
    theirs = ("torch cell", "torch")
    pairs = [(their, our) for their in theirs for our in ours]
    pairs = [p for p in pairs if any(p[1] in row.times for row in rows)]
    lines = _head(
        [
            "case",
            *(f"{name} µs" for name in (*ours, *theirs)),
            *(f"{their} / {our}" for their, our in pairs),
        ]
    )
    for row in rows:
        times = [
            f"{1000 * row.milliseconds(name):.1f}" if name in row.times else ""
            for name in (*ours, *theirs)
        ]
        ratios = [with_interval(row.ratio(their, over=our)) for their, our in pairs]
        lines.append(_line([row.case.name, *times, *ratios]))
    return "\n".join([*lines, "", *sorted({line for row in rows for line in _absent(row)})])


def with_interval(ratio: Ratio | None) -> str:
    """Value and interval, or nothing."""
    return "" if ratio is None else f"{ratio.value:.2f} ({ratio.low:.2f}–{ratio.high:.2f})"


def _share(row: Row, name: str) -> str:
    return with_interval(row.ratio(PEAK, over=name))


def _nothing(rows: Sequence[Row]) -> str:
    reasons = sorted({line for row in rows for line in _absent(row)})
    return "\n".join(["Not measured.", "", *reasons])


def _absent(row: Row) -> list[str]:
    return [f"- without {name}: {reason}" for name, reason in row.absent.items()]


def _head(titles: Sequence[str]) -> list[str]:
    return [_line(titles), "|" + "---|" * len(titles)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
