"""What was measured, as tables to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vartai.cli.voice import Voice
from vartai.figures import Figure
from vartai.figures.memory import Band, memory_curves
from vartai.inspect.gates import Saturation
from vartai.inspect.memory.curve import GONE, Curve, finite

_SHOWN = (1, 2, 5, 10, 20, 50, 100, 200)


def curve_table(curves: Mapping[str, Curve], voice: Voice, *, first: str) -> None:
    """Shares of the size at distance 0, what they come to, and a word for it."""
    longest = max(curve.longest for curve in curves.values())
    shown = [distance for distance in _SHOWN if distance <= longest]
    header = (first, *map(str, shown), "a step", "1/e at", "1 % at", "")
    rows = [
        (
            name,
            *(_share(curve, distance) for distance in shown),
            "" if curve.growth is None else f"{curve.growth:.3f}",
            _length(curve, None),
            _length(curve, GONE),
            curve.verdict,
        )
        for name, curve in curves.items()
    ]
    voice.table(header, rows)


def explain(voice: Voice) -> None:
    """What the columns of `curve_table` mean."""
    voice.tell("Columns 1, 2, …: mean size at that distance over the mean at distance 0.")
    voice.tell("a step: what a further step multiplies the mean by, fitted from distance 1 on.")
    voice.tell("1/e at, 1 % at: where the mean has fallen so far; > means not within the texts.")


def _share(curve: Curve, distance: int) -> str:
    return f"{curve.relative[distance]:.2g}" if distance <= curve.longest else ""


def _length(curve: Curve, share: float | None) -> str:
    if curve.verdict == "unknown":
        return ""
    found = curve.length() if share is None else curve.length(share)
    return f"> {curve.longest}" if found is None else f"{found:.1f}"


def gate_table(models: Mapping[str, Mapping[str, Mapping[str, Saturation]]], voice: Voice) -> None:
    """Saturation of each gate of each layer, models side by side."""
    rows = []
    layers = next(iter(models.values()))
    for layer, gates in layers.items():
        for gate in gates:
            found = [model[layer][gate] for model in models.values()]
            rows.append((layer, gate, *(cell for one in found for cell in _gate_cells(one))))
    if not rows:
        voice.tell("The layers have no gates.")
        return
    header = ["layer", "gate"]
    for name in models:
        header += [f"{name}: shut", "open", "masks"]
    voice.table(header, rows, words=2)
    voice.tell("shut, open: share of all values below 0.1 and above 0.9; masks: units whose gate")
    voice.tell("is one or the other at nine steps of ten.")


def _gate_cells(found: Saturation) -> tuple[str, str, str]:
    masks = f"{len(found.masks())}/{len(found.left)}"
    return f"{found.left.mean():.1%}", f"{found.right.mean():.1%}", masks


def saturation_facts(found: Mapping[str, Mapping[str, Saturation]]) -> dict[str, Any]:
    """The same as JSON values, unit by unit."""
    return {
        layer: {
            gate: {
                "shut": one.left.tolist(),
                "open": one.right.tolist(),
                "mean": one.mean.tolist(),
                "masks": one.masks(),
                "steps": one.steps,
            }
            for gate, one in gates.items()
        }
        for layer, gates in found.items()
    }


def curves_figure(curves: Mapping[str, Curve], *, axis: str, title: str) -> Figure:
    """Mean and spread of each curve."""
    bands = {
        name: Band(finite(curve.mean), finite(curve.low), finite(curve.high))
        for name, curve in curves.items()
    }
    return memory_curves(bands, axis=axis, title=title)


def notes_once(notes: Sequence[str]) -> list[str]:
    """Each note once, in their order."""
    return list(dict.fromkeys(notes))
