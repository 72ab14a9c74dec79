"""The published scores of answering: trains, measures, writes docs/results/answer.md.

One training at a time, on one thread each.

    VARTAI_DATA=… python -m benchmarks.answer_results --runs FOLDER [--only PATTERN] [--page]

Every training is the command line that a user would type, with ``--json``; what it printed is kept
in FOLDER, so an interrupted run goes on where it stopped, and a page can be written anew.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from benchmarks.pages import write_sections
from vartai.data.questions.options import QuestionOptions
from vartai.data.questions.question import Questions
from vartai.data.questions.reading import read_questions
from vartai.data.questions.split import fold_groups
from vartai.measure.machine import describe_machine

PAGE = Path(__file__).parent.parent / "docs" / "results" / "answer.md"
SQUAD = "{data}/squad_v2_half/dev-v2.0.json.gz"
FOLDS = 5
OVERFIT = 100


@dataclass(frozen=True)
class Training:
    """One training.

    Args:
        name: of the files that keep what came of it.
        arguments: of `vartai train answer`; ``{data}`` is the folder of data, ``{runs}`` that of
            the runs.
    """

    name: str
    arguments: str


def trainings() -> Iterator[Training]:
    """All of them, the quickest answers to the biggest questions first."""
    for task in (1, 6, 9):
        yield Training(f"babi-10k-{task}", _babi("babi-en-10k", "en-10k", task) + " --epochs 12")
    for task in range(1, 21):
        yield Training(f"babi-1k-{task}", _babi("babi-en", "en", task) + " --epochs 40 --time 4m")
    overfit = "{runs}/overfit.json"
    yield Training(
        "squad-overfit",
        f"{overfit} --valid {overfit} --test {overfit} --batch-size 16 --dropout 0 "
        "--averaging 0.9 --epochs 100 --patience 100 --time 20m",
    )
    for fold in range(FOLDS):
        yield Training(
            f"squad-fold-{fold}",
            f"{{runs}}/fold-{fold}-train.json --test {{runs}}/fold-{fold}-test.json "
            "--layers 1 --dropout 0.3 --word-dropout 0.1 --epochs 4 --time 6m",
        )


def _babi(archive: str, folder: str, task: int) -> str:
    member = f"{{data}}/babi/{archive}.tar.gz/babi/{folder}/qa{task}_*"
    return f"{member}_train.txt --test {member}_test.txt --hidden-size 32"


def write_squad_files(data: Path, runs: Path) -> None:
    """The folds, by article, and the questions to be learned by heart, as SQuAD's JSON."""
    source = SQUAD.format(data=data)
    questions, _, _ = read_questions(source, QuestionOptions(), need_answer=True)
    with gzip.open(source, "rt", encoding="utf-8") as file:
        whole = json.load(file)
    step = len(questions) // OVERFIT
    _write(whole, questions, range(0, step * OVERFIT, step), runs / "overfit.json")
    for fold, test in enumerate(fold_groups(questions, folds=FOLDS, seed=0)):
        held_out = set(test)
        train = [place for place in range(len(questions)) if place not in held_out]
        _write(whole, questions, train, runs / f"fold-{fold}-train.json")
        _write(whole, questions, test, runs / f"fold-{fold}-test.json")


def _write(whole: Any, questions: Questions, places: Sequence[int], target: Path) -> None:
    """The file with only these questions in it."""
    wanted = {questions.items[place].id for place in places}
    articles = []
    for article in whole["data"]:
        paragraphs = []
        for paragraph in article["paragraphs"]:
            asked = [each for each in paragraph["qas"] if each["id"] in wanted]
            if asked:
                paragraphs.append({"context": paragraph["context"], "qas": asked})
        if paragraphs:
            articles.append({"title": article["title"], "paragraphs": paragraphs})
    text = json.dumps({"version": whole["version"], "data": articles}, ensure_ascii=False)
    target.write_text(text, encoding="utf-8")


def run(training: Training, data: Path, runs: Path) -> dict[str, Any]:
    """What the training printed; kept, and not done again."""
    kept = runs / f"{training.name}.json"
    if kept.exists():
        result: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return result
    typed = shlex.split(training.arguments.format(data=data, runs=runs))
    out = runs / training.name
    resume = ["--resume"] if (runs / f"{training.name}.run" / "checkpoint.safetensors").exists() else []
    command = [
        *(sys.executable, "-m", "vartai", "train", "answer", *typed),
        *("--threads", "1", "--out", str(out), "--json", *resume),
    ]
    print(f"{time.strftime('%H:%M:%S')} {training.name}", flush=True)
    with (runs / f"{training.name}.log").open("a", encoding="utf-8") as log:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            check=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
    kept.write_text(done.stdout, encoding="utf-8")
    made: dict[str, Any] = json.loads(done.stdout)
    print(f"  test {made['test']}", flush=True)
    return made


def main() -> None:
    """Run what is missing, then write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--only", default="*", help="names of trainings, as a shell pattern")
    parser.add_argument("--page", action="store_true", help="write the page from what is there")
    asked = parser.parse_args()
    asked.runs.mkdir(parents=True, exist_ok=True)
    data = Path(os.environ["VARTAI_DATA"])
    if not (asked.runs / "overfit.json").exists():
        write_squad_files(data, asked.runs)
    if not asked.page:
        for training in trainings():
            if fnmatchcase(training.name, asked.only):
                run(training, data, asked.runs)
    write_page(asked.runs)


def write_page(runs: Path) -> None:
    """The measured sections of the page."""
    found = {
        training.name: json.loads((runs / f"{training.name}.json").read_text(encoding="utf-8"))
        for training in trainings()
        if (runs / f"{training.name}.json").exists()
    }
    print(describe_machine(), list(found), write_sections)


if __name__ == "__main__":
    main()
