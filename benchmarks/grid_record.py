"""What a run leaves in a folder: a file of JSON lines, and a checkpoint to go on from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from vartai.measure.machine import describe_machine


class Record:
    """The two files of one run.

    Args:
        runs: the folder; made if it is not there.
        name: of the run.
        facts: first line of a new file.
    """

    def __init__(self, runs: Path, name: str, facts: Mapping[str, Any]) -> None:
        runs.mkdir(parents=True, exist_ok=True)
        self.log = runs / f"{name}.jsonl"
        self.place = runs / f"{name}.pt"
        if not self.log.exists():
            self.say(facts)

    def say(self, facts: Mapping[str, Any]) -> None:
        """Another line."""
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(facts) + "\n")

    def ended(self, name: str) -> bool:
        """Whether the last line says what is said only at the end."""
        return name in json.loads(self.log.read_text(encoding="utf-8").splitlines()[-1])

    def keep(self, model: nn.Module, adam: torch.optim.Optimizer, place: Mapping[str, Any]) -> None:
        """Write the checkpoint as a whole."""
        parts = {"model": model.state_dict(), "adam": adam.state_dict(), "place": dict(place)}
        new = self.place.with_suffix(".new")
        torch.save(parts, new)
        new.replace(self.place)

    def go_on(
        self, model: nn.Module, adam: torch.optim.Optimizer, device: str
    ) -> dict[str, Any] | None:
        """Fill both from the checkpoint; how far it was, None if there is none."""
        if not self.place.exists():
            return None
        kept: dict[str, Any] = torch.load(self.place, map_location=device, weights_only=True)
        model.load_state_dict(kept["model"])
        adam.load_state_dict(kept["adam"])
        place: dict[str, Any] = kept["place"]
        return place


def describe_place(device: str) -> str:
    """The machine, and its GPU where that is used."""
    machine = describe_machine()
    if torch.device(device).type != "cuda":
        return machine
    return f"{torch.cuda.get_device_name()} beside {machine}"
