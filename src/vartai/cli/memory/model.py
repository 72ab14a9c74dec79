"""One run of `vartai memory MODEL`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vartai.bundle.trained import load_task
from vartai.cli.memory.tables import (
    curve_table,
    curves_figure,
    explain,
    gate_table,
    notes_once,
    saturation_facts,
)
from vartai.cli.memory.texts import Sample, read_texts
from vartai.cli.memory.verb import MemoryRequest
from vartai.cli.voice import Voice
from vartai.data.options import TableOptions
from vartai.errors import require_range
from vartai.figures import write_figure
from vartai.inspect.memory import Memory, MemoryOptions, cut_memory, gate_saturation, untrained
from vartai.inspect.memory.curve import Curve
from vartai.measure.rows import threads

TRAINED, UNTRAINED = "this model", "untrained"


def run_model(
    model: str, texts: Sequence[str], request: MemoryRequest, reading: TableOptions
) -> None:
    """Measure, tell, draw."""
    for name in ("max_texts", "max_tokens"):
        require_range(name.replace("_", "-"), getattr(request, name), at_least=1)
    voice = Voice(json=request.json)
    saved = load_task(Path(model))
    sample = Sample(request.max_texts, request.max_tokens, request.seed)
    read = read_texts(saved, texts, request.input, reading=reading, sample=sample)
    options = measuring(request)
    with threads(request.threads):
        cuts = {
            TRAINED: read.cut(saved.task),
            UNTRAINED: read.cut(untrained(saved.task, seed=request.seed)),
        }
        found = {
            name: cut_memory(one, of=request.of, layer=request.layer, options=options)
            for name, one in cuts.items()
        }
        gates = {name: gate_saturation(one) for name, one in cuts.items()}
    mine = found[TRAINED]
    tokens = sum(map(len, cuts[TRAINED].tokens))
    curves = _curves(found)
    voice.say_all(notes_once([*read.notes, *(n for m in found.values() for n in m.notes)]))
    voice.tell(f"{model}, {len(cuts[TRAINED].tokens):,} texts, {tokens:,} tokens")
    voice.tell(f"{mine.what}: {mine.norm}, mean of positions and texts")
    voice.tell()
    curve_table(curves, voice, first="distance")
    explain(voice)
    voice.tell()
    gate_table(gates, voice)
    if request.html is not None:
        title = f"How far back {Path(model).name} remembers"
        write_figure(curves_figure(curves, axis=mine.what, title=title), Path(request.html))
        voice.tell(f"The picture is in {request.html}.")
    voice.answer(
        {
            "model": model,
            "texts": len(cuts[TRAINED].tokens),
            "tokens": tokens,
            "reading": list(read.notes),
            "trained": mine.facts(),
            "untrained": found[UNTRAINED].facts(),
            "gates": {name: saturation_facts(one) for name, one in gates.items()},
        }
    )


def measuring(request: MemoryRequest) -> MemoryOptions:
    """How gradients are measured, of what was typed."""
    return MemoryOptions(
        positions=request.positions, projections=request.projections, seed=request.seed
    )


def _curves(found: dict[str, Memory]) -> dict[str, Curve]:
    """Curves by name; directions are named where there are two."""
    curves = {}
    for name, memory in found.items():
        if memory.ahead is None:
            curves[name] = memory.back
        else:
            curves[f"{name}, back"] = memory.back
            curves[f"{name}, ahead"] = memory.ahead
    return curves
