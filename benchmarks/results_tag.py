"""The published scores of tagging: trains, measures, writes docs/results/tag.md.

Trainings use one thread each, one after another; each is resumed if it was interrupted.

    VARTAI_DATA=… python -m benchmarks.results_tag --runs FOLDER [--only NAME …]

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
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.pages import write_sections
from benchmarks.public_data import data_folder
from vartai.measure.machine import describe_machine

PAGE = Path(__file__).parent.parent / "docs" / "results" / "tag.md"
ALKSNIS = (
    "{data}/ud_lithuanian_alksnis/lt_alksnis3-orig-train.conllu.gz "
    "--valid {data}/ud_lithuanian_alksnis/lt_alksnis3-orig-dev.conllu.gz "
    "--test {data}/ud_lithuanian_alksnis/lt_alksnis3-orig-test.conllu.gz "
)
EWT = (
    "{data}/ud_english_ewt/en_ewt-ud-train.conllu.gz "
    "--valid {data}/ud_english_ewt/en_ewt-ud-dev.conllu.gz "
    "--test {data}/ud_english_ewt/en_ewt-ud-test.conllu.gz "
)
CONLL = (
    "{data}/conll2000/conll2000.zip/conll2000/train.txt "
    "--test {data}/conll2000/conll2000.zip/conll2000/test.txt "
)


@dataclass(frozen=True)
class Published:
    """One data set and how it is trained on.

    Args:
        name: for the page.
        stem: of the files in the folder of runs.
        arguments: of `vartai train tag`; ``{data}`` is the folder of data.
        measure: the score that is aimed at.
        aim: its value.
        seeds: one training each.
    """

    name: str
    stem: str
    arguments: str
    measure: str
    aim: float
    seeds: tuple[int, ...] = (0, 1, 2)


SETS = (
    Published(
        "CoNLL-2000, chunks",
        "chunks",
        CONLL + "--column 3 --input-column 2 --cell gru --crf --hidden-size 160 "
        "--word-dropout 0.3 --input-dropout 0.3 --valid-share 0.05 --epochs 8",
        "f1",
        0.94,
        (0,),
    ),
    Published(
        "English EWT, UPOS",
        "ewt-upos",
        EWT + "--column upos --cell gru --crf --hidden-size 160 --word-dropout 0.3 --epochs 6",
        "accuracy",
        0.945,
        (0,),
    ),
    Published(
        "Lithuanian ALKSNIS, Gender",
        "lt-gender",
        ALKSNIS + "--column feats:Gender --cell gru --crf --batch-size 16 --averaging 0.995 "
        "--epochs 16 --pretrain --pretrain-epochs 4",
        "accuracy",
        0.93,
    ),
    Published(
        "Lithuanian ALKSNIS, UPOS",
        "lt-upos",
        ALKSNIS + "--column upos --cell gru --crf --batch-size 16 --averaging 0.995 --epochs 16",
        "accuracy",
        0.925,
    ),
)


def train(published: Published, runs: Path, data: str) -> None:
    """Keep what `vartai train tag --json` prints for each seed."""
    arguments = shlex.split(published.arguments.format(data=shlex.quote(data)))
    for seed in published.seeds:
        once(published, runs, arguments, seed)


def once(published: Published, runs: Path, arguments: Sequence[str], seed: int) -> None:
    """One training, unless FOLDER has it."""
    stem = f"{published.stem}-{seed}"
    kept = runs / f"{stem}.json"
    if not kept.exists():
        out = runs / stem
        typed = ["train", "tag", *arguments, "--out", str(out), "--seed", str(seed)]
        typed += ["--threads", "1", "--json"]
        if (runs / f"{stem}.run" / "checkpoint.safetensors").exists():
            typed.append("--resume")
        print("$ vartai", shlex.join(typed), file=sys.stderr, flush=True)
        with (runs / f"{stem}.log").open("a") as talk:
            done = subprocess.run(
                [sys.executable, "-m", "vartai", *typed],
                stdout=subprocess.PIPE,
                stderr=talk,
                text=True,
                check=True,
            )
        kept.write_text(done.stdout.splitlines()[-1])


def spread(values: Sequence[float]) -> str:
    """Mean and range of a few runs; one run as it is."""
    if len(values) == 1:
        return f"{values[0]:.4f}"
    return f"{statistics.mean(values):.4f} ({min(values):.4f}–{max(values):.4f})"


def against(values: Sequence[float], aim: float) -> str:
    """Whether the mean reaches what was aimed at."""
    missing = aim - statistics.mean(values)
    return f"≥ {aim}: reached" if missing <= 0 else f"≥ {aim}: missed by {missing:.4f}"


def cells(scores: Sequence[dict[str, float]]) -> list[str]:
    """Accuracy, F1, on unseen words, on words with the feature."""
    names = ("accuracy", "f1", "unseen_accuracy", "feature_accuracy")
    return [spread([s[name] for s in scores]) if name in scores[0] else "" for name in names]


def kept_runs(published: Published, runs: Path) -> Published:
    """The same with the seeds that have been trained."""
    found = [seed for seed in published.seeds if (runs / f"{published.stem}-{seed}.json").exists()]
    return replace(published, seeds=tuple(found))


def score_section(sets: Sequence[Published], runs: Path) -> str:
    """The table of scores, and the paired tests; what has not been trained is named."""
    lines = [
        "| data | model | accuracy | F1 | unseen words | with the feature | seconds | aim |",
        "|---|---|---|---|---|---|---|---|",
    ]
    tests = []
    for published in sets:
        if not published.seeds:
            tests.append(f"- {published.name}: not trained on this machine yet")
            continue
        found = [
            json.loads((runs / f"{published.stem}-{seed}.json").read_text())
            for seed in published.seeds
        ]
        for name in found[0]["baselines"]:
            row = [name, *cells([run["baselines"][name] for run in found]), "", ""]
            lines.append(f"| {published.name} | " + " | ".join(row) + " |")
        own = [run["test"] for run in found]
        aim = f"{published.measure} {against([s[published.measure] for s in own], published.aim)}"
        seconds = f"{statistics.mean(run['seconds'] for run in found):.0f}"
        row = ["**tagger**", *cells(own), seconds, aim]
        lines.append(f"| {published.name} | " + " | ".join(row) + " |")
        unseen = f"{own[0]['unseen_words']:,} of {own[0]['words']:,} test words unseen"
        error = f"standard error by the choice of sentences {own[0]['error']:.4f}"
        values = ", ".join(f"{run['p_value']:.2g}" for run in found)
        tests.append(
            f"- {published.name}: {unseen}; {error}; {found[0]['parameters']:,} parameters; seeds "
            f"{', '.join(map(str, published.seeds))}; against the better baseline p = {values}"
        )
    return "\n".join([*lines, "", *tests])


def command_section() -> str:
    """The command lines."""
    lines = [
        f"vartai train tag {published.arguments.format(data='$VARTAI_DATA')} "
        f"--seed {'|'.join(map(str, published.seeds))} --threads 1 --out {published.stem}"
        for published in SETS
    ]
    return "\n".join(["```sh", *(" ".join(line.split()) for line in lines), "```"])


def main() -> None:
    """Train what has not been trained, then write the page from all that has."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--runs", type=Path, default=Path("benchmark-runs"))
    parser.add_argument("--only", nargs="*", choices=[each.stem for each in SETS])
    parser.add_argument("--first-seeds", action="store_true", help="one training a set")
    arguments = parser.parse_args()
    runs: Path = arguments.runs
    runs.mkdir(parents=True, exist_ok=True)
    data = str(data_folder())
    sets = [replace(each, seeds=each.seeds[:1]) for each in SETS] if arguments.first_seeds else SETS
    wanted = [each for each in sets if arguments.only is None or each.stem in arguments.only]
    for published in wanted:
        train(published, runs, data)
    trained = [kept_runs(published, runs) for published in SETS]
    write_sections(
        PAGE,
        {
            "machine": describe_machine(),
            "commands": command_section(),
            "scores": score_section(trained, runs),
        },
    )


if __name__ == "__main__":
    main()
