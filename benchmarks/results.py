"""The published scores of classification: trains, measures, writes docs/results/classify.md.

    VARTAI_DATA=… python -m benchmarks.results --runs FOLDER

Every training is the command line that a user would type, with ``--json``; what it printed is kept
in FOLDER, so an interrupted run goes on where it stopped and a page can be written anew from old runs.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine

PAGE = Path(__file__).parent.parent / "docs" / "results" / "classify.md"
PAIRS = Path(__file__).parent / "negation_pairs_en.tsv"
SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Published:
    """One data set and how it is trained on.

    Args:
        name: for the page.
        arguments: of `vartai train classify`; ``{data}`` is the folder of data.
        alone: accuracy aimed at by the recurrent path alone.
        wide: accuracy aimed at with n-grams.
    """

    name: str
    arguments: str
    alone: float
    wide: float


SETS = (
    Published(
        "SST-2",
        "{data}/sst2/train.tsv --valid {data}/sst2/dev.tsv --test {data}/sst2/test.tsv "
        "--text 1 --label 2 --wide",
        0.82,
        0.83,
    ),
    Published(
        "TREC-6",
        "{data}/trec/TREC.train.all --test {data}/trec/TREC.test.all --encoding latin-1 --wide",
        0.90,
        0.91,
    ),
    Published(
        "IMDB",
        "{data}/imdb/train.csv.gz --test {data}/imdb/test.csv.gz --wide --time 14m",
        0.90,
        0.915,
    ),
)


def train(published: Published, seed: int, runs: Path, data: str) -> dict[str, Any]:
    """What `vartai train classify --json` printed for one seed; from FOLDER if it ran before."""
    stem = f"{published.name}-{seed}"
    kept = runs / f"{stem}.json"
    if not kept.exists():
        arguments = shlex.split(published.arguments.format(data=shlex.quote(data)))
        out = ["--out", str(runs / stem), "--seed", str(seed), "--json"]
        found = run(["train", "classify", *arguments, *out], log=runs / f"{stem}.log")
        kept.write_text(json.dumps(found))
    found_before: dict[str, Any] = json.loads(kept.read_text())
    return found_before


def run(arguments: Sequence[str], *, log: Path) -> dict[str, Any]:
    """Run `vartai` in a process of its own and return its JSON object."""
    command = [sys.executable, "-m", "vartai", *arguments]
    print("$ vartai", shlex.join(arguments), file=sys.stderr, flush=True)
    with log.open("w") as talk:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=talk, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def pair_scores(bundle: Path) -> dict[str, float]:
    """Accuracy on the minimal pairs: of texts, and of pairs with both texts right."""
    from vartai.bundle.trained import load_task
    from vartai.data.pairs import read_pairs

    task = load_task(bundle).task
    texts, labels = [], []
    for pair in read_pairs(PAIRS):
        for text, label in pair:
            texts.append(text)
            labels.append(label)
    chosen = task.scores(texts).argmax(1)
    right = [task.labels[place] == label for place, label in zip(chosen, labels, strict=True)]
    both = [one and other for one, other in zip(right[0::2], right[1::2], strict=True)]
    return {"texts": sum(right) / len(right), "pairs": sum(both) / len(both)}


def spread(values: Sequence[float]) -> str:
    """Mean and range of a few runs."""
    return f"{statistics.mean(values):.3f} ({min(values):.3f}–{max(values):.3f})"


def main() -> None:
    """Train what has not been trained, then write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--runs", type=Path, default=Path("benchmark-runs"))
    parser.add_argument("--sets", nargs="*", default=[published.name for published in SETS])
    arguments = parser.parse_args()
    arguments.runs.mkdir(parents=True, exist_ok=True)
    data = os.environ["VARTAI_DATA"]
    rows = {
        published.name: [train(published, seed, arguments.runs, data) for seed in SEEDS]
        for published in SETS
        if published.name in arguments.sets
    }
    for name, found in rows.items():
        print(name, spread([row["test"]["accuracy"] for row in found]))


if __name__ == "__main__":
    main()
