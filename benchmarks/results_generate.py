"""The published scores of language models: trains, measures, writes docs/results/generate.md.

    VARTAI_DATA=… python -m benchmarks.results_generate --runs FOLDER [--only shakespeare]

Every training is the command line that a user would type, on one thread, with ``--json``; what it
printed is kept in FOLDER. A training that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.pages import write_sections
from benchmarks.public_data import data_folder
from vartai.measure.machine import describe_machine

PAGE = Path(__file__).parent.parent / "docs" / "results" / "generate.md"


@dataclass(frozen=True)
class Published:
    """One text and how a model of it is trained.

    Args:
        name: for the page and the folder.
        arguments: of `vartai train generate`; ``{data}`` is the folder of data.
        measure: what is aimed at.
        aim: at most this.
    """

    name: str
    arguments: str
    measure: str
    aim: float


MODELS = (
    Published(
        "shakespeare",
        "{data}/tinyshakespeare/input.txt --valid-share 0.1 --test-share 0 --hidden-size 512 "
        "--embedding-dropout 0.05 --output-dropout 0.25 --averaging 0.995 --epochs 7",
        "nats_per_unit",
        1.50,
    ),
    Published(
        "ptb",
        "{data}/ptb/ptb.train.txt.gz --valid {data}/ptb/ptb.valid.txt.gz "
        "--test {data}/ptb/ptb.test.txt.gz --unit word --tied --softmax adaptive "
        "--hidden-size 400 --embedding-size 256 --embedding-dropout 0.2 --output-dropout 0.4 "
        "--streams 24 --steps 40 --learning-rate 0.0025 --averaging 0.998 --weight-decay 0.02 "
        "--epochs 14",
        "perplexity",
        100.0,
    ),
)


def train(published: Published, runs: Path, data: str, limit: str) -> dict[str, Any]:
    """What `vartai train generate --json` printed; from FOLDER if it ran to its end before."""
    kept = runs / f"{published.name}.json"
    if not kept.exists():
        arguments = shlex.split(published.arguments.format(data=shlex.quote(data)))
        out = runs / published.name
        arguments += ["--out", str(out), "--threads", "1", "--seed", "0", "--time", limit]
        if (runs / f"{published.name}.run" / "checkpoint.safetensors").exists():
            arguments.append("--resume")
        answer = run(["train", "generate", *arguments], log=runs / f"{published.name}.log")
        kept.write_text(json.dumps(answer), encoding="utf-8")
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    # The command's own seconds are those of its last sitting.
    metrics = json.loads((runs / published.name / "metrics.json").read_text(encoding="utf-8"))
    return found | {"trained": metrics["history"][-1]["seconds"]}


def run(arguments: Sequence[str], *, log: Path) -> dict[str, Any]:
    """Run `vartai` in a process of its own and return its JSON object."""
    command = [sys.executable, "-m", "vartai", *arguments, "--json"]
    print("$ vartai", shlex.join(arguments), file=sys.stderr, flush=True)
    with log.open("a", encoding="utf-8") as talk:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=talk, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def table(published: Published, answer: dict[str, Any]) -> str:
    """The model beside its baselines, in Markdown."""
    rows = [
        "| | nats a unit | perplexity | bits a character |",
        "|---|---:|---:|---:|",
    ]
    named = {**answer["baselines"], "**this model**": answer["test"]}
    for name, fit in named.items():
        rows.append(
            f"| {name} | {fit['nats_per_unit']:.4f} | {fit['perplexity']:,.2f} "
            f"| {fit['bits_per_character']:.3f} |"
        )
    reached = answer["test"][published.measure] <= published.aim
    rows += [
        "",
        f"{answer['parameters']:,} parameters, {answer['test']['units']:,} units judged, "
        f"{answer['trained'] / 60:.0f} minutes of training, ended by {answer['stopped_by']}. "
        f"Aim: {published.measure.replace('_', ' ')} at most {published.aim:g}, "
        f"{'reached' if reached else 'missed'}.",
    ]
    return "\n".join(rows)


def main() -> None:
    """Train what is missing and write the page's tables."""
    parser = argparse.ArgumentParser(description="Published scores of language models.")
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--only", choices=[published.name for published in MODELS])
    parser.add_argument("--time", default="2h", help="limit of each training")
    asked = parser.parse_args()
    data = str(data_folder())
    asked.runs.mkdir(parents=True, exist_ok=True)
    sections = {"machine": describe_machine()}
    for published in MODELS:
        if asked.only in (None, published.name):
            sections[published.name] = table(
                published, train(published, asked.runs, data, asked.time)
            )
    write_sections(PAGE, sections)


if __name__ == "__main__":
    main()
