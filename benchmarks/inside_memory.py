"""How far layers remember, and gates as masks: writes two sections of docs/results/inside.md.

    VARTAI_DATA=… python -m benchmarks.inside_memory --runs FOLDER [--writer MODEL] [--page]

Everything runs on one thread and is kept in FOLDER, so an interrupted run goes on where it stopped.
`--writer` names the language model of Shakespeare's characters that `benchmarks.results_generate`
trains (FOLDER/shakespeare there). `--page` writes the page of what is there and measures nothing.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks.inside_gates import classifier_agreement, writer_agreement
from benchmarks.public_data import data_folder
from vartai.inspect.memory import (
    PROBES,
    CellsOptions,
    MemoryOptions,
    ProbeOptions,
    compare_cells,
    layer_memory,
)
from vartai.inspect.memory.cells import USUAL, fresh_model

# Of each probe.
CELLS = {
    "copy": USUAL,
    "adding": ("rnn tanh", "rnn relu", "lstm forget 1", "gru"),
}
SIZE, SEEDS = 32, 3
SCALED = (
    *itertools.product(("rnn tanh", "rnn relu", "lstm forget 1", "gru"), (0.8, 1.0, 1.5, 2.0)),
    *itertools.product(("rnn tanh, torch", "lstm, torch", "gru, torch"), (1.0,)),
)
BUDGET = ProbeOptions(sequences=16, delays=(0, 5, 10, 20, 40, 60))
MEASURING = MemoryOptions(positions=2)
MODELS = ("rnn", "lstm", "gru")
TRAIN = (
    "train classify {data}/sst2/train.tsv --valid {data}/sst2/dev.tsv --test {data}/sst2/test.tsv "
    "--cell {cell} --no-bidirectional --pool last --hidden-size 64 --epochs 4 --threads 1 --seed 0"
)
# Name of a measurement → what is typed after `vartai memory MODEL`.
MEASURED = {
    "outputs": "--input {data}/sst2/test.tsv --max-texts 100 --threads 1",
    "score": "--input {data}/sst2/test.tsv --max-texts 100 --threads 1 --of score",
    "reviews": "--input {data}/imdb/test.csv.gz --text review --max-texts 20 --positions 2 "
    "--threads 1 --of states",
}
WRITER = {
    "outputs": "--input {data}/tinyshakespeare/input.txt --max-texts 20 --positions 2 --threads 1",
    "score": "--input {data}/tinyshakespeare/input.txt --max-texts 20 --positions 4 --threads 1 "
    "--of score",
}


def kept(place: Path, make: Callable[[], Any]) -> Any:
    """What an earlier run left there, or what is made now."""
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(make())
        place.write_text(text, encoding="utf-8")
    return json.loads(place.read_text(encoding="utf-8"))


def measure_cells(runs: Path) -> None:
    """Every cell before and after it has learned each probe."""
    torch.set_num_threads(1)
    for probe, cells in CELLS.items():
        for cell in cells:
            options = CellsOptions(cells=(cell,), probe=probe, hidden_size=SIZE, seeds=SEEDS)

            def compare(options: CellsOptions = options) -> Any:
                found = compare_cells(options, budget=BUDGET, measuring=MEASURING, note=say)
                return found[0].facts()

            kept(cell_place(runs, probe, cell), compare)


def measure_scaled(runs: Path) -> None:
    """Fresh weights as they are, and larger: where gradients vanish, hold and explode."""
    torch.set_num_threads(1)
    for cell, factor in SCALED:
        place = scaled_place(runs, cell, factor)
        kept(place, lambda cell=cell, factor=factor: _scaled(cell, factor))


def _scaled(cell: str, factor: float) -> Any:
    probe = PROBES["copy"]
    model = fresh_model(cell, probe, SIZE, seed=0)
    with torch.no_grad():
        model.layers.weights("l0")[1].mul_(factor)  # type: ignore[union-attr]
    examples = probe.draw(torch.full((8,), 100), torch.Generator().manual_seed(0))
    return layer_memory(model.layers, examples.batch, of="states", options=MEASURING).facts()


def scaled_place(runs: Path, cell: str, factor: float) -> Path:
    """Where the numbers of a cell with larger weights are kept."""
    return runs / "scaled" / f"{cell.replace(', ', '-').replace(' ', '-')}-{factor}.json"


def cell_place(runs: Path, probe: str, cell: str) -> Path:
    """Where one cell's numbers are kept."""
    return runs / "cells" / f"{probe}-{cell.replace(', ', '-').replace(' ', '-')}.json"


def say(sentence: str) -> None:
    """Talk."""
    print(sentence, file=sys.stderr, flush=True)


def vartai(command: str) -> str:
    """Run a command line as a user types it; what it printed."""
    say(f"vartai {command}")
    words = [sys.executable, "-m", "vartai", *shlex.split(command)]
    done = subprocess.run(
        words,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    return done.stdout


def measure_models(runs: Path, data: str, writer: str | None) -> None:
    """Train the three classifiers, and look into them and the writer."""
    for cell in MODELS:
        model = runs / f"sst2-{cell}"
        command = f"{TRAIN.format(data=data, cell=cell)} --json --out {model}"
        kept(runs / f"sst2-{cell}.json", lambda typed=command: json.loads(vartai(typed)))
        for name, options in MEASURED.items():
            typed = f"memory {model} {options.format(data=data)} --json"
            kept(runs / f"sst2-{cell}-{name}.json", lambda typed=typed: json.loads(vartai(typed)))
    for cell in ("lstm", "gru"):
        kept(
            runs / f"agreement-{cell}.json",
            lambda cell=cell: classifier_agreement(runs / f"sst2-{cell}", f"{data}/sst2/test.tsv"),
        )
    if writer is not None:
        kept(
            runs / "agreement-writer.json",
            lambda: writer_agreement(Path(writer), f"{data}/tinyshakespeare/input.txt"),
        )
        for name, options in WRITER.items():
            typed = f"memory {writer} {options.format(data=data)} --json"
            kept(runs / f"writer-{name}.json", lambda typed=typed: json.loads(vartai(typed)))


def main() -> None:
    """Measure what is missing, write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--writer")
    parser.add_argument("--only", choices=("cells", "models"))
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    if not options.page:
        if options.only != "models":
            measure_scaled(options.runs)
            measure_cells(options.runs)
        if options.only != "cells":
            measure_models(options.runs, str(data_folder()), options.writer)
    if options.only is None:
        from benchmarks.inside_memory_page import write_page

        write_page(options.runs)


if __name__ == "__main__":
    main()
