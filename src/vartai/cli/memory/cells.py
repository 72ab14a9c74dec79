"""One run of `vartai memory --cells`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vartai.cli.memory.model import measuring
from vartai.cli.memory.tables import curve_table, curves_figure, explain
from vartai.cli.memory.verb import CellsRequest, MemoryRequest
from vartai.cli.voice import Voice
from vartai.errors import OptionError, require_range
from vartai.figures import write_figure
from vartai.inspect.memory import CellResult, CellsOptions, ProbeOptions, compare_cells
from vartai.inspect.memory.cells import spread
from vartai.measure.rows import threads

# Of the longest delay.
_TENTHS = (0, 1, 2, 4, 7, 10)
_WHEN = ("before training", "after training")


def run_cells(request: MemoryRequest, asked: CellsRequest) -> None:
    """Measure, train, measure, tell, draw."""
    if request.layer is not None or request.of == "score":
        raise OptionError("--cells measures states by states: --layer and --of have no use here")
    voice = Voice(json=request.json)
    options = CellsOptions(probe=asked.probe, hidden_size=asked.hidden_size, seeds=asked.trainings)
    require_range("longest", asked.longest, at_least=1)
    delays = sorted({asked.longest * tenths // 10 for tenths in _TENTHS})
    budget = ProbeOptions(updates=asked.updates, delays=tuple(delays))
    with threads(request.threads):
        results = compare_cells(
            options, budget=budget, measuring=measuring(request), note=voice.say
        )
    show_cells(results, budget, voice)
    if request.html is not None:
        curves = {result.cell: result.after.back for result in results}
        title = f"{asked.hidden_size} units after learning to {asked.probe}"
        write_figure(
            curves_figure(curves, axis=results[0].after.what, title=title), Path(request.html)
        )
        voice.tell(f"The picture is in {request.html}.")
    voice.answer(
        {
            "probe": asked.probe,
            "hidden_size": asked.hidden_size,
            "updates": asked.updates,
            "delays": list(budget.delays),
            "cells": [result.facts() for result in results],
        }
    )


def show_cells(results: Sequence[CellResult], budget: ProbeOptions, voice: Voice) -> None:
    """Gradients before and after, and the quality at each delay."""
    for when, name in zip(_WHEN, ("before", "after"), strict=True):
        voice.tell(f"∂ state / ∂ state {when}: {getattr(results[0], name).norm}")
        voice.tell()
        curves = {result.cell: getattr(result, name).back for result in results}
        curve_table(curves, voice, first="distance")
        voice.tell()
    explain(voice)
    voice.tell()
    voice.table(
        ("right after a delay of", *map(str, budget.delays), "remembers"),
        [
            (
                result.cell,
                *(spread(of_delay) for of_delay in zip(*result.quality, strict=True)),
                " ".join("none" if reach is None else str(reach) for reach in result.remembered),
            )
            for result in results
        ],
    )
    voice.tell("remembers: the longest delay up to which it is right half way from chance to 1.")
