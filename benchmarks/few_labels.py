"""What texts without labels are worth where labels are few: IMDB cut down.

    VARTAI_DATA=… python -m benchmarks.few_labels --runs FOLDER

2,000 labelled reviews and 5,000 to judge by are drawn with a fixed seed; classifiers are trained on
them by the commands that a user would type, without other texts and with word vectors counted from
these and the 50,000 reviews that have no label.
What a command printed is kept in FOLDER, so an interrupted run goes on where it stopped. Writes a
table in docs/results/classify.md.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import shlex
from pathlib import Path
from typing import Any

from benchmarks.pages import write_sections
from benchmarks.public_data import data_folder
from benchmarks.results import PAGE, once, spread
from vartai.measure.machine import describe_machine

SIZES = {"train": 2_000, "test": 5_000}
COMMON = (
    "train classify {folder}/train.csv --test {folder}/test.csv --text review --label sentiment "
    "--segment 100 --word-dropout 0.3 --epochs 12 --wide --threads 1"
)
TEXTS = " --pretrain --unlabelled {data}/imdb/unlabelled.csv.gz"
RUNGS = {
    "plain": "",
    "counted": TEXTS + " --pretrain-epochs 0",
}
SEEDS = (0, 1)


def draw(data: Path, folder: Path) -> None:
    """Write the two tables."""
    csv.field_size_limit(1 << 30)
    chance = random.Random(0)
    for part, size in SIZES.items():
        with gzip.open(
            data / "imdb" / f"{part}.csv.gz", "rt", encoding="utf-8", newline=""
        ) as file:
            rows = list(csv.DictReader(file))
        chance.shuffle(rows)
        with (folder / f"{part}.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, ["review", "sentiment"], extrasaction="ignore")
            table.writeheader()
            table.writerows(rows[:size])


def train(rung: str, folder: Path, data: Path) -> list[dict[str, Any]]:
    """What the command printed for each seed."""
    answers = []
    for seed in SEEDS:
        stem = f"{rung}-{seed}"
        typed = shlex.split(
            (COMMON + RUNGS[rung]).format(
                folder=shlex.quote(str(folder)), data=shlex.quote(str(data))
            )
        )
        typed += ["--seed", str(seed), "--out", str(folder / stem)]
        answers.append(once(folder, stem, typed))
    return answers


def section(trained: dict[str, list[dict[str, Any]]]) -> str:
    """The table."""
    lines = [
        f"`VARTAI_DATA=… python -m benchmarks.few_labels --runs FOLDER`; {describe_machine()}.",
        "",
        "| vectors | seeds | tfidf_lr | lstm alone | lstm + n-grams | minutes |",
        "|---|---|---|---|---|---|",
    ]
    for rung, answers in trained.items():
        scores = (
            [answer["baselines"]["tfidf_lr"] for answer in answers],
            [answer["recurrent_alone"] for answer in answers],
            [answer["test"] for answer in answers],
        )
        cells = [spread([score["accuracy"] for score in column]) for column in scores]
        minutes = sum(answer["seconds"] for answer in answers) / len(answers) / 60
        lines.append(f"| {rung} | {len(answers)} | {' | '.join(cells)} | {minutes:.0f} |")
    return "\n".join(lines)


def main() -> None:
    """Draw, train what has not been trained, and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--runs", type=Path, required=True)
    asked = parser.parse_args()
    asked.runs.mkdir(parents=True, exist_ok=True)
    data = data_folder()
    draw(data, asked.runs)
    trained = {rung: train(rung, asked.runs, data) for rung in RUNGS}
    write_sections(PAGE, {"few labels": section(trained)})


if __name__ == "__main__":
    main()
