"""One run of `vartai bench`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vartai.cli.bench import BenchOptions
from vartai.cli.voice import Voice
from vartai.errors import require_range
from vartai.figures import Figure, ratio_chart, write_figure
from vartai.kernels import native
from vartai.measure.cases import Case, full_cases, quick_cases
from vartai.measure.machine import describe_load, describe_machine
from vartai.measure.peaks import Peaks, measure_peaks
from vartai.measure.ratios import Ratio
from vartai.measure.rows import Row, measure, threads
from vartai.measure.summary import noise, summarise

_LAYER_HEADER = ("layers", "ms", "torch", "95 %", "packed", "padded", "ONNX", "peak")
_STEP_HEADER = ("steps", "ms", "torch cell", "torch", "cell", "prepared", "control")
_OPPONENTS = {"torch": None, "ONNX Runtime": "onnxruntime"}


def run_bench(options: BenchOptions) -> None:
    """Measure, tell, draw."""
    require_range("threads", 1 if options.threads is None else options.threads, at_least=1)
    require_range("seconds", options.seconds, above=0)
    voice = Voice(json=options.json)
    with threads(options.threads):
        machine = describe_machine()
        voice.tell(machine)
        load = describe_load()
        if load is not None:
            voice.say(load)
        peaks = measure_peaks(seconds=options.seconds)
        rows = _measure_all(_cases(options), options, voice)
    _show(rows, peaks, voice)
    if options.html is not None:
        write_figure(_picture(rows, machine), Path(options.html))
        voice.tell(f"The picture is in {options.html}.")
    voice.answer(_answer(rows, peaks, machine))


def _cases(options: BenchOptions) -> list[Case]:
    if options.cases == "quick":
        return quick_cases()
    return full_cases(native.instruction_sets())


def _measure_all(cases: Sequence[Case], options: BenchOptions, voice: Voice) -> list[Row]:
    rows = []
    said: set[str] = set()
    for number, case in enumerate(cases, 1):
        voice.say(f"{number}/{len(cases)} {case.name}")
        row = measure(case, seconds=options.seconds, thorough=options.cases == "full")
        missing = {f"without {name}: {reason}" for name, reason in row.absent.items()} - said
        voice.say_all(sorted(missing))
        said |= missing
        rows.append(row)
    return rows


def _show(rows: Sequence[Row], peaks: Peaks, voice: Voice) -> None:
    voice.tell(_peaks(peaks))
    layers = [row for row in rows if row.times and row.case.kind != "step"]
    steps = [row for row in rows if row.times and row.case.kind == "step"]
    voice.tell()
    voice.table(_LAYER_HEADER, [_layer_cells(row) for row in layers])
    voice.tell()
    voice.table(_STEP_HEADER, [_step_cells(row) for row in steps])
    voice.tell()
    voice.tell("Times of others over Vartai's: above 1, Vartai is faster. ms: Vartai's median.")
    voice.tell("torch: the faster of its ways, with its interval; packed and padded: each of them.")
    voice.tell("control: Vartai against itself.")
    voice.tell("peak: the share of the machine's multiply-add rate that the products alone reach.")
    _sum_up(rows, voice)


def _sum_up(rows: Sequence[Row], voice: Voice) -> None:
    layers = [row for row in rows if row.case.is_regular]
    voice.tell()
    for name, opponent in _OPPONENTS.items():
        found = summarise(layers, opponent)
        if found is not None:
            voice.tell(
                f"Against {name}: {found.mean:.2f} over {found.rows} cases of layers (geometric "
                f"mean); the worst {_with_interval(found.worst)}, {found.worst_case}."
            )
    bounds = noise(rows)
    if bounds is not None:
        voice.tell(f"The same code against itself: {bounds[0]:.2f} to {bounds[1]:.2f}.")


def _layer_cells(row: Row) -> list[str]:
    against = row.against_torch
    return [
        row.case.name,
        f"{row.milliseconds('vartai'):.2f}",
        _value(against),
        _interval(against),
        _value(row.ratio("torch packed")),
        _value(row.ratio("torch padded")),
        _value(row.ratio("onnxruntime")),
        _value(row.share_of_peak),
    ]


def _step_cells(row: Row) -> list[str]:
    others = ("torch cell", "torch", "vartai cell", "vartai prepared")
    return [
        row.case.name,
        f"{row.milliseconds('vartai'):.4f}",
        *(_value(row.ratio(name)) for name in others),
        _interval(row.control),
    ]


def _value(ratio: Ratio | None) -> str:
    return "" if ratio is None else f"{ratio.value:.2f}"


def _interval(ratio: Ratio | None) -> str:
    return "" if ratio is None else f"{ratio.low:.2f}–{ratio.high:.2f}"


def _with_interval(ratio: Ratio) -> str:
    return f"{_value(ratio)} ({_interval(ratio)})"


def _peaks(peaks: Peaks) -> str:
    said = f"torch's matrix product {peaks.matrix_product:.0f} Gflop/s"
    if peaks.multiply_add is None:
        return said
    return f"Multiply-add in registers {peaks.multiply_add:.0f} Gflop/s, {said}."


def _picture(rows: Sequence[Row], machine: str) -> Figure:
    layers = [row for row in rows if row.times and row.case.kind != "step"]

    def points(opponent: str | None) -> list[tuple[float, float, float] | None]:
        ratios = [row.against_torch if opponent is None else row.ratio(opponent) for row in layers]
        return [None if ratio is None else (ratio.value, ratio.low, ratio.high) for ratio in ratios]

    return ratio_chart(
        cases=[row.case.name for row in layers],
        ratios={name: points(opponent) for name, opponent in _OPPONENTS.items()},
        axis="time over Vartai's, 95 % intervals",
        title=f"Recurrent layers, {','.join(machine.split(',')[:3])}",
    )


def _answer(rows: Sequence[Row], peaks: Peaks, machine: str) -> dict[str, Any]:
    layers = [row for row in rows if row.case.is_regular]
    found = {name: summarise(layers, opponent) for name, opponent in _OPPONENTS.items()}
    return {
        "machine": machine,
        "gflops": asdict(peaks),
        "rows": [row.as_json() for row in rows],
        "summary": {name: one and asdict(one) for name, one in found.items()},
        "noise": noise(rows),
    }
