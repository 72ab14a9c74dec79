"""The ladder of translators, and the best one: every number of docs/results/translate.md.

Each rung is one `vartai train translate` with the same data, vocabulary, sizes and time, and one
thing more than the rung below: gates, a cell, attention of two kinds, input feeding. All are scored
by one sacreBLEU signature. A rung that has its model is not trained again, and one that was
interrupted goes on from its checkpoint.

    python -m benchmarks.translate demo RUNS              # the built-in grammar, a minute a rung
    VARTAI_DATA=… python -m benchmarks.translate multi30k RUNS --time 20m
    VARTAI_DATA=… python -m benchmarks.translate best RUNS --time 90m

RUNS is a folder for models and logs. Prints the table; `--write` puts it on the page.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.pages import write_sections
from benchmarks.public_data import data_folder
from vartai.measure.machine import describe_machine

PAGE = Path(__file__).parents[1] / "docs" / "results" / "translate.md"


@dataclass(frozen=True)
class Rung:
    """One translator.

    Args:
        name: as the table has it.
        options: typed after `vartai train translate`.
    """

    name: str
    options: tuple[str, ...]


LADDER = (
    Rung("rnn", ("--cell", "rnn", "--attention", "none")),
    Rung("gru", ("--cell", "gru", "--attention", "none")),
    Rung("lstm", ("--cell", "lstm", "--attention", "none")),
    Rung("lstm + additive", ("--cell", "lstm", "--attention", "additive")),
    Rung("lstm + multiplicative", ("--cell", "lstm", "--attention", "multiplicative")),
    Rung(
        "lstm + multiplicative + input feeding",
        ("--cell", "lstm", "--attention", "multiplicative", "--input-feeding"),
    ),
)
SMALL = ("--vocabulary-size", "4000", "--hidden-size", "256", "--embedding-size", "192")
DROPOUT = ("--embedding-dropout", "0.15", "--layer-dropout", "0.1", "--output-dropout", "0.15")
QUICK = ("--learning-rate", "3e-3", "--warmup", "300", "--batch-size", "48", "--epochs", "30")
BEST = (Rung("gru + multiplicative", (*SMALL, *DROPOUT, *QUICK)),)


def multi30k() -> tuple[str, ...]:
    """The files, as arguments."""
    folder = data_folder() / "multi30k"
    train, valid, test = (
        [str(folder / f"{name}.{side}.gz") for side in ("en", "de")]
        for name in ("train", "val", "test_2016_flickr")
    )
    own = [option for name in valid for option in ("--valid", name)]
    own += [option for name in test for option in ("--test", name)]
    return (*train, *own)


def climb(rung: Rung, data: tuple[str, ...], folder: Path, time: str | None) -> dict[str, Any]:
    """The scores of a rung: those that its model was saved with, or those of a training now."""
    out = folder / rung.name.replace(" + ", "-").replace(" ", "-")
    if not (out / "metrics.json").exists():
        command = [sys.executable, "-m", "vartai", "train", "translate", *data, *rung.options]
        command += ["--threads", "1", "--choose", "loss", "--out", str(out)]
        command += [] if time is None else ["--time", time]
        command += ["--resume"] * (
            out.with_name(f"{out.name}.run") / "checkpoint.safetensors"
        ).exists()
        subprocess.run(command, check=True)
    metrics: dict[str, Any] = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    return metrics


def table(scores: dict[str, dict[str, Any]]) -> str:
    """Markdown: baselines once, then a row for each rung."""
    first = next(iter(scores.values()))
    lines = ["| | BLEU | chrF | nats a token | epochs | seconds of training | parameters |"]
    lines.append("|---|---|---|---|---|---|---|")
    for name, own in first["baselines"].items():
        lines.append(f"| {name} | {own['bleu']:.1f} | {own['chrf']:.1f} | | | | |")
    for name, own in scores.items():
        test = own["test"]
        lines.append(
            f"| {name} | {test['bleu']:.1f} | {test['chrf']:.1f} | {test['nats_per_token']:.3f} | "
            f"{len(own['history'])} | {own['history'][-1]['seconds']:.0f} | {own['parameters']:,} |"
        )
    pairs = first["pairs"]
    lines += [
        "",
        f"{pairs['train']:,} pairs to train on, {pairs['valid']:,} to choose the epoch by, "
        f"{pairs['test']:,} to judge by; seed 0; {describe_machine()}. "
        f"BLEU: `{first['test']['bleu_signature']}`; chrF: `{first['test']['chrf_signature']}`.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Train what is missing, print the table, and write it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("demo", "multi30k", "best"))
    parser.add_argument("runs", type=Path)
    parser.add_argument("--time")
    parser.add_argument("--only", help="names of rungs, separated by commas")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    data = ("--demo",) if asked.what == "demo" else multi30k()
    rungs = BEST if asked.what == "best" else LADDER
    if asked.what == "multi30k":
        data = (*data, *SMALL, *DROPOUT, *QUICK)
    if asked.only:
        rungs = tuple(rung for rung in rungs if rung.name in asked.only.split(","))
    folder = asked.runs / asked.what
    folder.mkdir(parents=True, exist_ok=True)
    scores = {rung.name: climb(rung, data, folder, asked.time) for rung in rungs}
    section = table(scores)
    print(section)
    if asked.write:
        write_sections(PAGE, {asked.what: section})


if __name__ == "__main__":
    main()
