"""`vartai show`: the card, the layers, the shapes."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.commands import Run


def test_the_layers_come_with_shapes_in_gates(run: Run, trained: Path) -> None:
    said = run("show", trained)
    assert said.code == 0
    lines = [re.sub(r"\s+", " ", line) for line in said.out.splitlines()]
    assert "recurrent 1, forward W 4 gates x 8 x 8 inputs [32, 8] 256" in lines
    assert "recurrent 1, backward W 4 gates x 8 x 8 inputs [32, 8] 256" in lines
    assert " H 4 gates x 8 x 8 states [32, 8] 256" in lines
    assert "Gates, in the order of their blocks: input, forget, candidate, output." in lines
    assert "texts to train on: 80" in said.out
    assert "library_name" not in said.out


def test_json_adds_up(run: Run, trained: Path) -> None:
    answer = run("show", trained, "--json").answer
    assert answer["labels"] == ["neg", "pos"]
    assert answer["parameters"] == sum(weight["parameters"] for weight in answer["weights"])
    assert answer["options"]["model"]["hidden_size"] == 8
    assert answer["bytes"] > 4 * answer["parameters"]


def test_a_damaged_model_is_refused_by_name(run: Run, trained: Path, tmp_path: Path) -> None:
    for file in trained.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "model.safetensors").open("ab") as file:
        file.write(b"x")
    said = run("show", tmp_path)
    assert said.code == 2
    assert "model.safetensors" in said.error
