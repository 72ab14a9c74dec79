"""A trained model, for people: its card, its layers and their shapes, its size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vartai.bundle.trained import SavedTask, load_task
from vartai.cli.sizes import format_bytes
from vartai.cli.voice import Voice
from vartai.tasks.configs import config_to_mapping
from vartai.tasks.description import Weight, describe_weights, gates


def show_model(model: str, *, json: bool) -> None:
    """Tell what is known of a saved model."""
    voice = Voice(json=json)
    folder = Path(model)
    saved = load_task(folder)
    weights = describe_weights(saved.task.model)
    total = sum(weight.parameters for weight in weights)
    size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    voice.tell(_without_front_matter(saved.card).rstrip())
    voice.tell()
    voice.tell("## Layers")
    voice.tell()
    voice.table(("layer", "weight", "made of", "shape", "parameters"), _rows(weights), words=3)
    voice.tell()
    names = gates(saved.task.model)
    if len(names) > 1:
        voice.tell(f"Gates, in the order of their blocks: {', '.join(names)}.")
    voice.tell(f"{total:,} parameters, {format_bytes(size)} on disk, in {folder}.")
    voice.answer(_facts(saved, weights, folder, size))


def _rows(weights: Sequence[Weight]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    before = ""
    for weight in weights:
        layer = "" if weight.layer == before else weight.layer
        before = weight.layer
        shape = str(list(weight.shape))
        rows.append((layer, weight.symbol, weight.meaning, shape, f"{weight.parameters:,}"))
    return rows


def _facts(saved: SavedTask, weights: Sequence[Weight], folder: Path, size: int) -> dict[str, Any]:
    return {
        "bundle": str(folder),
        "task": saved.name,
        **saved.task.facts(),
        "parameters": sum(weight.parameters for weight in weights),
        "bytes": size,
        "gates": list(gates(saved.task.model)),
        "weights": [{**asdict(w), "parameters": w.parameters} for w in weights],
        "options": config_to_mapping(saved.task.config),
        "metrics": dict(saved.metrics),
    }


def _without_front_matter(card: str) -> str:
    """The card without the part that only machines read."""
    if not card.startswith("---\n"):
        return card
    _, _, body = card.removeprefix("---\n").partition("\n---\n")
    return body.lstrip("\n")
