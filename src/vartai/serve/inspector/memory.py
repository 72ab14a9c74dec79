"""Answers for the tab Memory: gradients over distance, and gates as masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vartai.figures.figure import Figure
from vartai.figures.gates import Shares, saturation_scatter
from vartai.figures.memory import Band, memory_curves
from vartai.inspect.cut import cut
from vartai.inspect.gates import Saturation
from vartai.inspect.memory import Memory, MemoryOptions, cut_memory, gate_saturation, untrained
from vartai.inspect.memory.curve import GONE, Curve, finite
from vartai.serve.inspector.opened import OpenedModel

Answer = dict[str, Any]

TEXTS = 50
"""Texts whose gradients are taken at once, at most."""
TOKENS = 120
"""Of a longer text the first so many tokens are read: gradients cost far more than a run."""

_TRAINED, _UNTRAINED = "this model", "untrained"


def remember(opened: OpenedModel, texts: Sequence[str], of: str) -> Answer:
    """How far back a model remembers on texts, beside itself before training.

    Raises:
        InputError: a text without any token.
        OptionError: gradients that this model does not have.
    """
    task = opened.saved.task
    models = {_TRAINED: task, _UNTRAINED: untrained(task, seed=0)}
    cuts = {name: cut(model, texts, max_tokens=TOKENS) for name, model in models.items()}
    found = {
        name: cut_memory(one, of=of, options=MemoryOptions(positions=3))
        for name, one in cuts.items()
    }
    curves = _curves(found)
    mine = found[_TRAINED]
    bands = {
        name: Band(finite(curve.mean), finite(curve.low), finite(curve.high))
        for name, curve in curves.items()
    }
    return {
        "what": f"{mine.what}: {mine.norm}",
        "figure": memory_curves(bands, axis=mine.what, title="Gradient by distance"),
        "lengths": [{"name": name, **_length(curve)} for name, curve in curves.items()],
        "gates": [
            {"layer": layer, "figure": _scatter(gates), "masks": _masks(gates)}
            for layer, gates in gate_saturation(cuts[_TRAINED]).items()
            if gates
        ],
        "tokens": sum(map(len, cuts[_TRAINED].tokens)),
        "notes": list(dict.fromkeys(mine.notes)),
    }


def _curves(found: Mapping[str, Memory]) -> dict[str, Curve]:
    """Curves by name; directions are named where there are two."""
    curves = {}
    for name, memory in found.items():
        if memory.ahead is None:
            curves[name] = memory.back
        else:
            curves[f"{name}, back"] = memory.back
            curves[f"{name}, ahead"] = memory.ahead
    return curves


def _length(curve: Curve) -> Answer:
    """How far the gradient reaches: where 1/e of it is left, where 1 %; None for farther."""
    return {
        "growth": curve.growth,
        "third": curve.length(),
        "gone": curve.length(GONE),
        "longest": curve.longest,
    }


def _scatter(gates: Mapping[str, Saturation]) -> Figure:
    shares = {
        gate: Shares(found.left.tolist(), found.right.tolist()) for gate, found in gates.items()
    }
    return saturation_scatter(shares)


def _masks(gates: Mapping[str, Saturation]) -> list[Answer]:
    return [
        {
            "gate": gate,
            "shut": float(found.left.mean()),
            "open": float(found.right.mean()),
            "masks": len(found.masks()),
            "units": len(found.left),
        }
        for gate, found in gates.items()
    ]
