"""What texts without labels are worth where labels are few: IMDB cut down.

    VARTAI_DATA=… python -m benchmarks.few_labels --runs FOLDER [--time 6m]

2,000 labelled reviews, 8,000 without labels and 5,000 to judge by are drawn with a fixed seed; two
classifiers are trained on them by the commands that a user would type, one of them pretrained.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import shlex
import subprocess
import sys
from pathlib import Path

from benchmarks.public_data import data_folder

SIZES = {"train": 2_000, "test": 5_000, "unlabelled": 8_000}
COMMON = (
    "train classify {folder}/train.csv --test {folder}/test.csv --text review --label sentiment "
    "--segment 100 --epochs 5 --threads 1 --seed 0 --json"
)
PRETRAINED = (
    " --pretrain --pretrain-epochs 3 --pretrain-time {time} --unlabelled {folder}/unlabelled.csv"
)


def draw(data: Path, folder: Path) -> None:
    """Write the three tables."""
    csv.field_size_limit(1 << 30)
    chance = random.Random(0)
    for part, size in SIZES.items():
        with gzip.open(
            data / "imdb" / f"{part}.csv.gz", "rt", encoding="utf-8", newline=""
        ) as file:
            rows = list(csv.DictReader(file))
        chance.shuffle(rows)
        columns = ["review"] if part == "unlabelled" else ["review", "sentiment"]
        with (folder / f"{part}.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, columns, extrasaction="ignore")
            table.writeheader()
            table.writerows(rows[:size])


def main() -> None:
    """Draw, train twice, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--time", default="6m")
    asked = parser.parse_args()
    asked.runs.mkdir(parents=True, exist_ok=True)
    draw(data_folder(), asked.runs)
    for name, command in (("plain", COMMON), ("pretrained", COMMON + PRETRAINED)):
        typed = shlex.split(command.format(folder=asked.runs, time=asked.time))
        typed += ["--out", str(asked.runs / name)]
        done = subprocess.run(
            [sys.executable, "-m", "vartai", *typed], stdout=subprocess.PIPE, text=True, check=True
        )
        answer = json.loads(done.stdout)
        scores = {"baseline": answer["baselines"]["tfidf_lr"], "model": answer["test"]}
        print(name, {who: round(score["accuracy"], 4) for who, score in scores.items()})


if __name__ == "__main__":
    main()
