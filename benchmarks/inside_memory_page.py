"""The two sections of docs/results/inside.md, and their pictures, from what was measured."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.inside_memory import (
    BUDGET,
    CELLS,
    MEASURING,
    MODELS,
    SCALED,
    SEEDS,
    SIZE,
    cell_place,
    scaled_place,
)
from benchmarks.pages import write_sections
from benchmarks.pictures import write_picture
from vartai.figures.gates import Shares, saturation_scatter
from vartai.figures.memory import Band, memory_curves
from vartai.inspect.memory.cells import spread
from vartai.measure.machine import describe_machine

PAGE = Path(__file__).parent.parent / "docs" / "results" / "inside.md"
PICTURES = PAGE.parent / "inside"
_COMMAND = "VARTAI_DATA=… python -m benchmarks.inside_memory --runs FOLDER --writer MODEL"
_NAMES = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}


def write_page(runs: Path) -> None:
    """Write both sections."""
    write_sections(PAGE, {"memory": memory_section(runs), "gates": gates_section(runs)})


def _read(place: Path) -> Any:
    return json.loads(place.read_text(encoding="utf-8"))


def memory_section(runs: Path) -> str:
    """Cells, probes, and real models."""
    cells = {
        probe: {
            cell: _read(cell_place(runs, probe, cell))
            for cell in names
            if cell_place(runs, probe, cell).exists()
        }
        for probe, names in CELLS.items()
    }
    parts = [
        f"`{_COMMAND}`, one thread, {describe_machine()}.",
        f"### {SIZE} units, one layer: ∂ state / ∂ state",
        _cells_text(),
        "Fresh weights, on the sequences of the copy task:",
        curve_table({cell: one["before"]["back"] for cell, one in cells["copy"].items()}),
        _picture(
            {cell: one["before"]["back"] for cell, one in cells["copy"].items()},
            "cells-before",
            f"{SIZE} units, fresh weights",
        ),
        f"The same weights after {BUDGET.updates:,} updates on the copy task:",
        curve_table({cell: one["after"]["back"] for cell, one in cells["copy"].items()}),
        _picture(
            {cell: one["after"]["back"] for cell, one in cells["copy"].items()},
            "cells-after",
            f"{SIZE} units, after learning to copy",
        ),
        "### Vanishing, holding, exploding",
        "The same fresh cells with their recurrent weights multiplied, on 104 steps; those "
        "called *torch* begin uniformly within ±1/√H, as `torch.nn` does:",
        curve_table(_scaled(runs)),
        "### How far they really remember",
        _probes_text(),
        *(f"{_PROBES[probe]}:\n\n{probe_table(found)}" for probe, found in cells.items()),
        *_models(runs),
    ]
    return "\n\n".join(parts)


_PROBES = {
    "copy": "Copying 2 of 4 symbols, share right (chance 0.25)",
    "adding": "Adding, share of the variance explained (chance 0), by the number of steps",
}


def _cells_text() -> str:
    steps = 4 + max(BUDGET.delays)
    return (
        "Size: Frobenius norm of the whole Jacobian, as a share of that at distance 0; mean over "
        f"{MEASURING.positions} positions of 8 sequences of {steps} steps. *a step*: the factor by "
        "which a further step multiplies the mean, fitted from distance 1 on. Recurrent weights "
        "are orthogonal and biases 0 but for the forget bias."
    )


def _probes_text() -> str:
    return (
        f"Mean of {SEEDS} seeds, the range in brackets. Every cell has {SIZE} units, Adam at "
        f"0.005, {BUDGET.updates:,} updates of {BUDGET.sequences} sequences with delays up to "
        f"{max(BUDGET.delays)}; no cell was tuned. "
        "*remembers*: of each seed the longest delay up to which it is right half way from chance "
        "to 1."
    )


def _scaled(runs: Path) -> dict[str, Any]:
    return {
        f"{cell}, ×{factor}": _read(scaled_place(runs, cell, factor))["back"]
        for cell, factor in SCALED
    }


def curve_table(curves: Mapping[str, Mapping[str, Any]], shown: Sequence[int] = ()) -> str:
    """A row for each curve."""
    longest = max(curve["longest"] for curve in curves.values())
    shown = shown or [k for k in (1, 2, 5, 10, 20, 50, 100, 200) if k <= longest]
    lines = [
        f"| | {' | '.join(map(str, shown))} | a step | 1/e at | 1 % at | |",
        "|---|" + "---|" * (len(shown) + 4),
    ]
    for name, curve in curves.items():
        shares = [
            f"{curve['mean'][k] / curve['mean'][0]:.2g}"
            if k <= curve["longest"] and curve["mean"][k] is not None
            else ""
            for k in shown
        ]
        lengths = [
            f"> {curve['longest']}" if curve[key] is None else f"{curve[key]:.1f}"
            for key in ("length", "length_to_one_percent")
        ]
        growth = "" if curve["growth"] is None else f"{curve['growth']:.3f}"
        lines.append(
            f"| {name} | {' | '.join(shares)} | {growth} | {' | '.join(lengths)} | "
            f"{curve['verdict']} |"
        )
    return "\n".join(lines)


def probe_table(cells: Mapping[str, Any]) -> str:
    """A row for each cell, a column for each delay."""
    delays = BUDGET.delays
    lines = [f"| | {' | '.join(map(str, delays))} | remembers |", "|---|" + "---|" * 7]
    for cell, found in cells.items():
        values = [spread(of_delay) for of_delay in zip(*found["quality"], strict=True)]
        reach = ", ".join("none" if one is None else str(one) for one in found["remembered"])
        lines.append(f"| {cell} | {' | '.join(values)} | {reach} |")
    return "\n".join(lines)


def _picture(curves: Mapping[str, Mapping[str, Any]], name: str, title: str) -> str:
    bands = {
        model: Band(*([_share(curve, value) for value in curve[key]] for key in _EDGES))
        for model, curve in curves.items()
    }
    figure = memory_curves(bands, axis="share of the size at distance 0", title=title)
    write_picture(figure, PICTURES / f"{name}.png")
    return f"![{title}: gradients over distance](inside/{name}.png)"


_EDGES = ("mean", "low", "high")


def _share(curve: Mapping[str, Any], value: float | None) -> float | None:
    return None if value is None else value / curve["mean"][0]


def _models(runs: Path) -> list[str]:
    found = {
        cell: {
            name: _read(runs / f"sst2-{cell}-{name}.json")
            for name in ("outputs", "score", "reviews")
        }
        for cell in MODELS
    }
    accuracy = {cell: _read(runs / f"sst2-{cell}.json")["test"]["accuracy"] for cell in MODELS}
    said = ", ".join(f"{_NAMES[cell]} {value:.3f}" for cell, value in accuracy.items())
    parts = [
        "### Classifiers of SST-2",
        "`vartai train classify` with `--no-bidirectional --pool last --hidden-size 64 "
        "--epochs 4`, seed 0; "
        f"accuracy on the test texts: {said}. Beside each a model of the same shape with fresh "
        "weights. Orthogonal weights and an LSTM's forget bias of 1 are how every model here "
        "begins.",
        "∂ outputs / ∂ inputs, 100 test texts, 4 positions each:",
        curve_table(_sides(found, "outputs"), (1, 2, 5, 10, 20)),
        "∂ score of the predicted label / ∂ word vectors, by distance from the end of the text:",
        curve_table(_sides(found, "score"), (1, 2, 5, 10, 20)),
        "∂ state / ∂ state on 20 reviews of IMDB, their first 200 words, ten times the length of "
        "what they were trained on:",
        curve_table(_sides(found, "reviews"), (1, 2, 5, 10, 20, 50, 100)),
        _picture(_sides(found, "reviews"), "classifiers", "Classifiers of SST-2 on long reviews"),
    ]
    if (runs / "writer-outputs.json").exists():
        parts += _writer(runs)
    return parts


def _sides(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {
        f"{_NAMES[cell]}{end}": one[name][side]["back"]
        for cell, one in found.items()
        for side, end in (("trained", ""), ("untrained", ", untrained"))
    }


def _writer(runs: Path) -> list[str]:
    both = {
        name: _read(runs / f"writer-{name}.json")
        for name in ("outputs", "score")
        if (runs / f"writer-{name}.json").exists()
    }
    rows = {
        f"{what}{end}": both[name][side]["back"]
        for name, what in (("outputs", "outputs"), ("score", "score of the next character"))
        if name in both
        for side, end in (("trained", ""), ("untrained", ", untrained"))
    }
    return [
        "### A language model of characters",
        "The LSTM of 512 units that [generate.md](generate.md) trains on Shakespeare, by its "
        "characters, on 20 pieces of 200; ∂ outputs / ∂ inputs from "
        f"{both['outputs']['trained']['projections']} random projections, the score exactly:",
        curve_table(rows),
    ]


def gates_section(runs: Path) -> str:
    """Saturation, and what bits agree with."""
    models = {
        f"SST-2, {_NAMES[cell]}": _read(runs / f"sst2-{cell}-outputs.json")
        for cell in ("lstm", "gru")
    }
    if (runs / "writer-outputs.json").exists():
        models["Shakespeare, LSTM"] = _read(runs / "writer-outputs.json")
    parts = [
        f"`{_COMMAND}`, the same models and texts as above.",
        "Saturation: a gate is shut below 0.1 and open above 0.9. *masks*: units whose gate is one "
        "or the other at nine steps of ten.",
        _saturation_table(models),
        _scatter(models),
        "What the bits of a gate, open above 0.5, agree with. The unit is the best of all gates on "
        "one half of the texts and judged on the other half. *moved*: the same for the condition "
        "moved along the text by a random number of tokens, mean and largest of 20.",
        _agreement_table(runs),
    ]
    return "\n\n".join(parts)


def _saturation_table(models: Mapping[str, Any]) -> str:
    lines = [
        "| model | gate | shut | open | masks | shut, untrained | open, untrained | masks |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, found in models.items():
        for layer, gates in found["gates"]["this model"].items():
            for gate, own in gates.items():
                other = found["gates"]["untrained"][layer][gate]
                cells = [cell for one in (own, other) for cell in _saturated(one)]
                lines.append(f"| {name} {layer} | {gate} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _saturated(one: Mapping[str, Any]) -> list[str]:
    count = len(one["shut"])
    shut, opened = sum(one["shut"]) / count, sum(one["open"]) / count
    return [f"{shut:.1%}", f"{opened:.1%}", f"{len(one['masks'])} of {count}"]


def _scatter(models: Mapping[str, Any]) -> str:
    name, found = list(models.items())[-1]
    gates = found["gates"]["this model"]["l0"]
    shares = {gate: Shares(one["shut"], one["open"]) for gate, one in gates.items()}
    title = f"Saturation of every unit: {name}"
    write_picture(saturation_scatter(shares, title=title), PICTURES / "saturation.png")
    return f"![{title}](inside/saturation.png)"


def _agreement_table(runs: Path) -> str:
    lines = [
        "| model | the token | rate | best unit | phi | moved | F1 | F1 of always open |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, place in (
        ("SST-2, LSTM", "agreement-lstm"),
        ("SST-2, GRU", "agreement-gru"),
        ("Shakespeare, LSTM", "agreement-writer"),
    ):
        if not (runs / f"{place}.json").exists():
            continue
        for condition, one in _read(runs / f"{place}.json").items():
            lines.append(
                f"| {name} | {condition} | {one['base_rate']:.3f} | {one['layer']} {one['gate']} "
                f"{one['unit']} | {one['phi']:.2f} | {one['moved']:.2f}, {one['most']:.2f} | "
                f"{one['f1']:.2f} | {one['base_f1']:.2f} |"
            )
    return "\n".join(lines)
