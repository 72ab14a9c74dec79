"""The published scores of classification: trains, measures, writes docs/results/classify.md.

Trainings use one thread each, two run at a time.

    VARTAI_DATA=… python -m benchmarks.results --runs FOLDER [--only scores]

Every training is the command line that a user would type, with ``--json``; what it printed is kept
in FOLDER, so an interrupted run goes on where it stopped, and a page can be written anew.
"""

from __future__ import annotations

import argparse
import json
import shlex
import statistics
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.pages import write_sections
from benchmarks.public_data import data_folder
from vartai.bundle.trained import load_task
from vartai.data.pairs import read_pairs
from vartai.measure.machine import describe_machine

PAGE = Path(__file__).parent.parent / "docs" / "results" / "classify.md"
PAIRS = Path(__file__).parent / "negation_pairs_en.tsv"
SEEDS = (0, 1, 2)
AT_A_TIME = 2
PARTS = ("demo", "scores", "negation")


@dataclass(frozen=True)
class Published:
    """One data set and how it is trained on.

    Args:
        name: for the page.
        arguments: of `vartai train classify`; ``{data}`` is the folder of data.
        alone: accuracy aimed at by the recurrent path alone.
        wide: accuracy aimed at with n-grams.
        cell: as the arguments say.
        seeds: one training each.
    """

    name: str
    arguments: str
    alone: float
    wide: float
    cell: str = "lstm"
    seeds: tuple[int, ...] = SEEDS


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
        "{data}/trec/TREC.train.all --test {data}/trec/TREC.test.all --encoding latin-1 --wide "
        "--cell gru --affixes 4 --valid-share 0.05",
        0.90,
        0.91,
        cell="gru",
    ),
    Published(
        "IMDB",
        "{data}/imdb/train.csv.gz --test {data}/imdb/test.csv.gz --wide "
        "--segment 100 --word-dropout 0.3 --epochs 4 --time 14m",
        0.90,
        0.915,
    ),
)


def train(published: Published, runs: Path, data: str) -> list[dict[str, Any]]:
    """What `vartai train classify --json` printed for each seed."""
    arguments = shlex.split(published.arguments.format(data=shlex.quote(data)))

    def with_seed(seed: int) -> dict[str, Any]:
        stem = f"{published.name}-{seed}"
        out = ["--out", str(runs / stem), "--seed", str(seed)]
        return once(runs, stem, ["train", "classify", *arguments, *out, "--threads", "1"])

    with ThreadPoolExecutor(max_workers=AT_A_TIME) as pool:
        return list(pool.map(with_seed, published.seeds))


def once(runs: Path, stem: str, arguments: Sequence[str]) -> dict[str, Any]:
    """What a command printed, from FOLDER if it ran before."""
    kept = runs / f"{stem}.json"
    if not kept.exists():
        kept.write_text(json.dumps(run([*arguments, "--json"], log=runs / f"{stem}.log")))
    found: dict[str, Any] = json.loads(kept.read_text())
    return found


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
    task = load_task(bundle).task.alone()
    pairs = read_pairs(PAIRS)
    texts = [text for pair in pairs for text in (pair.text, pair.other_text)]
    labels = [label for pair in pairs for label in (pair.label, pair.other_label)]
    chosen = task.scores(texts).argmax(1)
    right = [task.labels[place] == label for place, label in zip(chosen, labels, strict=True)]
    both = [one and other for one, other in zip(right[0::2], right[1::2], strict=True)]
    return {"texts": sum(right) / len(right), "pairs": sum(both) / len(both)}


def negation(runs: Path, data: str) -> dict[str, list[dict[str, float]]]:
    """Scores on the English minimal pairs: of SST-2's recurrent path alone, and of bags."""
    sst = SETS[0]
    bags = replace(sst, name="negation-bag", arguments=f"{sst.arguments} --cell bag")
    found = {}
    for cell, way in (("bag", bags), ("lstm", sst)):
        train(way, runs, data)
        found[cell] = [pair_scores(runs / f"{way.name}-{seed}") for seed in way.seeds]
    return found


def demonstrations(runs: Path) -> list[dict[str, Any]]:
    """What `vartai demo --json` printed for each seed."""
    places = {seed: str(runs / f"demo-{seed}") for seed in SEEDS}
    return [
        once(runs, f"demo-{seed}", ["demo", "--out", place, "--seed", str(seed)])
        for seed, place in places.items()
    ]


def spread(values: Sequence[float]) -> str:
    """Mean and range of a few runs."""
    return f"{statistics.mean(values):.3f} ({min(values):.3f}–{max(values):.3f})"


def against(values: Sequence[float], aim: float) -> str:
    """Whether the mean reaches what was aimed at."""
    missing = aim - statistics.mean(values)
    return f"≥ {aim}: reached" if missing <= 0 else f"≥ {aim}: missed by {missing:.3f}"


def score_rows(published: Published, found: Sequence[dict[str, Any]]) -> list[str]:
    """The rows of one data set."""

    def cells(scores: Sequence[dict[str, float]]) -> list[str]:
        names = ("accuracy", "macro_f1", "shuffled_accuracy")
        return [spread([score[name] for score in scores]) for name in names]

    rows = []
    for name in found[0]["baselines"]:
        rows.append([name, *cells([run["baselines"][name] for run in found]), "", ""])
    alone = [run["recurrent_alone"] for run in found]
    both = [run["test"] for run in found]
    aims = [
        against([score["accuracy"] for score in scores], aim)
        for scores, aim in ((alone, published.alone), (both, published.wide))
    ]
    seconds = f"{statistics.mean(run['seconds'] for run in found):.0f}"
    rows.append([f"{published.cell} alone", *cells(alone), "", aims[0]])
    rows.append([f"{published.cell} + n-grams", *cells(both), seconds, aims[1]])
    return [f"| {published.name} | " + " | ".join(row) + " |" for row in rows]


def score_section(results: dict[str, list[dict[str, Any]]]) -> str:
    """The table of scores, and the paired tests."""
    lines = [
        "| data | model | test accuracy | macro-F1 | words shuffled | seconds | aim |",
        "|---|---|---|---|---|---|---|",
    ]
    tests = []
    for published in SETS:
        if published.name not in results:
            continue
        found = results[published.name]
        lines += score_rows(published, found)
        best = [max(b["accuracy"] for b in run["baselines"].values()) for run in found]
        gains = [run["test"]["accuracy"] - base for run, base in zip(found, best, strict=True)]
        values = ", ".join(f"{run['p_value']:.2g}" for run in found)
        tests.append(
            f"- {published.name}: {published.cell} + n-grams minus the best baseline: "
            f"{spread(gains)}; exact McNemar test of each seed, p = {values}"
        )
    return "\n".join([*lines, "", "Paired on the same test texts:", "", *tests])


def negation_section(found: dict[str, list[dict[str, float]]]) -> str:
    """The table of minimal pairs."""
    lines = ["| SST-2 model | texts right | both of a pair right |", "|---|---|---|"]
    for cell, scores in found.items():
        texts, pairs = ([score[name] for score in scores] for name in ("texts", "pairs"))
        lines.append(f"| {cell} | {spread(texts)} | {spread(pairs)} |")
    return "\n".join(lines)


def demo_section(found: Sequence[dict[str, Any]]) -> str:
    """The table of the demonstration."""
    lines = [
        "| cell | test | words shuffled | both of a minimal pair right | parameters | seconds |",
        "|---|---|---|---|---|---|",
    ]
    for cell in found[0]["models"]:
        rows = [run["models"][cell] for run in found]
        names = ("accuracy", "shuffled_accuracy", "pair_accuracy")
        scores = " | ".join(spread([row[name] for row in rows]) for name in names)
        seconds = statistics.mean(row["seconds"] for row in rows)
        lines.append(f"| {cell} | {scores} | {rows[0]['parameters']:,} | {seconds:.0f} |")
    whole = spread([run["seconds"] for run in found])
    return "\n".join([*lines, "", f"The whole of `vartai demo`: {whole} s."])


def sections(part: str, runs: Path, data: str) -> dict[str, str]:
    """Train what has not been trained of a part of the page, and what is to be written."""
    if part == "demo":
        return {"demo": demo_section(demonstrations(runs))}
    if part == "negation":
        return {"negation": negation_section(negation(runs, data))}
    results = {published.name: train(published, runs, data) for published in SETS}
    return {"machine": describe_machine(), "scores": score_section(results)}


def main() -> None:
    """Train what has not been trained, then write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--runs", type=Path, default=Path("benchmark-runs"))
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    arguments = parser.parse_args()
    runs: Path = arguments.runs
    runs.mkdir(parents=True, exist_ok=True)
    data = str(data_folder())
    for part in arguments.only:
        write_sections(PAGE, sections(part, runs, data))


if __name__ == "__main__":
    main()
