"""One run of `vartai import`."""

from __future__ import annotations

from pathlib import Path

from vartai.bundle import render_card, require_bundle_place
from vartai.bundle.trained import save_task
from vartai.cli.import_ import ImportOptions
from vartai.cli.voice import Voice
from vartai.exchange.import_plan import read_plan
from vartai.exchange.import_weights import import_weights

_NEXT = {
    "classify": [["vartai", "predict", "{out}", "text"], ["vartai", "show", "{out}"]],
    "generate": [["vartai", "generate", "{out}", "--prompt", "text"], ["vartai", "show", "{out}"]],
}


def run_import(plan: str, options: ImportOptions) -> None:
    """Read, build, save, tell."""
    voice = Voice(json=options.json)
    out = Path(options.out)
    require_bundle_place(out)
    place = Path(plan)
    found = import_weights(read_plan(place), place.parent)
    card = render_card(out.resolve().name, found.name, found.facts)
    save_task(out, found.name, found.task, metrics={}, card=card)
    for note in found.notes:
        voice.say(note)
    voice.tell(
        f"A bundle for {found.name} is in {out}. Its scores are not known here: measure them."
    )
    voice.suggest([[word.format(out=out) for word in command] for command in _NEXT[found.name]])
    voice.answer(
        {"bundle": str(out), "task": found.name, "notes": list(found.notes), **found.task.facts()}
    )
