"""Captioners beside each other and beside baselines: every number of docs/results/caption.md.

Each rung is one `vartai train caption` with the same data, sizes and time, and another attention:
soft with or without its gate, hard, or none. A rung that has its model is not trained again, and
one that was interrupted goes on from its checkpoint.

    python -m benchmarks.caption_results scenes RUNS --time 40m
    VARTAI_DATA=… python -m benchmarks.caption_results flickr8k RUNS --time 8m
    VARTAI_DATA=… python -m benchmarks.caption_results flickr8k-cpu RUNS --only soft --time 100m

The captioner of `flickr8k` is of a size for a GPU; that of `flickr8k-cpu` has the sizes of words
and states that `vartai train caption` has if nothing is asked.

Of the drawn scenes it is known where everything is. So for each word that names a colour or a
shape, told the words before it, the place with the highest weight either is the cell of that thing
or it is not.

RUNS is a folder for models and logs. Prints the tables; `--write` puts them on the page.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.pages import write_sections
from benchmarks.public_data import data_folder
from vartai.bundle.trained import load_task
from vartai.measure.machine import describe_machine
from vartai.tasks.caption.demo import demo_corpus
from vartai.tasks.caption.task import CaptionTask

PAGE = Path(__file__).parents[1] / "docs" / "results" / "caption.md"
RUNGS = {
    "none": ("--attention", "none"),
    "hard": ("--attention", "hard"),
    "soft, gate": ("--attention", "soft", "--gate"),
    "soft": ("--attention", "soft"),
}
SEED = 0
PHOTOGRAPHS = (
    *("--places", "8", "--width", "64", "--annotation-size", "256", "--blocks", "2"),
    *("--annotation-dropout", "0.1", "--min-frequency", "5", "--max-tokens", "40"),
    *("--length-penalty", "0.7", "--flip", "--shift", "8", "--label-smoothing", "0.1"),
    *("--batch-size", "64", "--epochs", "40", "--patience", "10"),
)
LARGER = (
    *("--hidden-size", "512", "--embedding-size", "256", "--attention-size", "256"),
    *("--embedding-dropout", "0.2", "--output-dropout", "0.5"),
)
WHAT: dict[str, tuple[str, ...]] = {
    "scenes": ("--demo", "--patience", "12"),
    "flickr8k": (*PHOTOGRAPHS, *LARGER),
    "flickr8k-cpu": PHOTOGRAPHS,
}


def options_of(what: str) -> tuple[str, ...]:
    """The tables, as arguments, and the sizes."""
    if what == "scenes":
        return WHAT[what]
    folder = data_folder() / "flickr8k"
    train, valid, test = (str(folder / f"{name}.csv") for name in ("train", "dev", "test"))
    return (train, "--valid", valid, "--test", test, *WHAT[what])


def place_of(rung: str, folder: Path) -> Path:
    """Where the model of a rung is."""
    return folder / rung.replace(", ", "-")


def train(rung: str, options: tuple[str, ...], out: Path) -> dict[str, Any]:
    """The scores of a rung: those that its model was saved with, or those of a training now."""
    if not (out / "metrics.json").exists():
        command = [sys.executable, "-m", "vartai", "train", "caption", *options]
        command += [*RUNGS[rung], "--seed", str(SEED), "--out", str(out)]
        checkpoint = out.with_name(f"{out.name}.run") / "checkpoint.safetensors"
        command += ["--resume"] * checkpoint.exists()
        subprocess.run(command, check=True)
    metrics: dict[str, Any] = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    return metrics


def pointing(task: CaptionTask) -> float:
    """Share of words for a colour or a shape that are looked for where the thing is."""
    scenes = demo_corpus(SEED).test
    right = words = 0
    for picture, item, cells in zip(
        scenes.captioned.inputs, scenes.captioned.items, scenes.cells, strict=True
    ):
        looks = task.looks(picture, item.captions[0].split())
        for weights, cell in zip(looks.weights, cells, strict=False):
            if cell is not None:
                place = max(range(len(weights)), key=weights.__getitem__)
                right += divmod(place, scenes.grid) == tuple(cell)
                words += 1
    return right / words


def table(scores: dict[str, dict[str, Any]], points: dict[str, float]) -> str:
    """Markdown: baselines once, then a row for each rung."""
    first = next(iter(scores.values()))
    head = "| | BLEU-1 | BLEU-2 | BLEU-3 | BLEU-4 | chrF | exact | points at the thing | epochs |"
    lines = [f"{head} seconds |", "|---|---|---|---|---|---|---|---|---|---|"]
    rows = [(name, own, "", "", "") for name, own in first["baselines"].items()]
    for name, own in scores.items():
        point = f"{points[name]:.3f}" if name in points and name != "none" else ""
        epochs, seconds = len(own["history"]), f"{own['seconds']:.0f}"
        rows.append((f"attention: {name}", own["test"], point, str(epochs), seconds))
    for name, own, point, epochs, seconds in rows:
        bleu = " | ".join(f"{own[f'bleu_{n}']:.1f}" for n in (1, 2, 3, 4))
        lines.append(
            f"| {name} | {bleu} | {own['chrf']:.1f} | {own['exact']:.3f} | {point} | {epochs} | "
            f"{seconds} |"
        )
    pictures = first["pictures"]
    lines += [
        "",
        f"{pictures['train']:,} pictures to train on, {pictures['valid']:,} to choose the epoch "
        f"by, {pictures['test']:,} to judge by; {first['vocabulary']:,} words, "
        f"{first['parameters']:,} parameters; seed {SEED}. "
        f"BLEU: `{first['test']['bleu_signature']}`; chrF: `{first['test']['chrf_signature']}`.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Train what is missing, print the table, and write it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=WHAT)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--time", help="of each rung")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads")
    parser.add_argument("--only", help="names of rungs, separated by semicolons")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    options = (*options_of(asked.what), "--device", asked.device)
    for name in ("time", "threads"):
        if getattr(asked, name) is not None:
            options = (*options, f"--{name}", getattr(asked, name))
    folder = asked.runs / asked.what
    folder.mkdir(parents=True, exist_ok=True)
    rungs = [name for name in RUNGS if asked.only is None or name in asked.only.split(";")]
    scores = {rung: train(rung, options, place_of(rung, folder)) for rung in rungs}
    points = {}
    if asked.what == "scenes":
        points = {rung: pointing(load_task(place_of(rung, folder)).task) for rung in rungs}
    section = f"{table(scores, points)}\n\nWritten on {describe_machine()}."
    print(section)
    if asked.write:
        write_sections(PAGE, {asked.what: section})


if __name__ == "__main__":
    main()
