"""The published scores of answering: trains, measures; --page writes docs/results/answer.md.

One training at a time, on one thread each.

    VARTAI_DATA=… python -m benchmarks.answer_results --runs FOLDER [--only PATTERN]
    VARTAI_DATA=… python -m benchmarks.answer_results --runs FOLDER --page

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
from benchmarks.public_data import data_folder
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
        yield Training(
            f"babi-10k-{task}", _babi("babi-en-10k", "en-10k", task) + " --epochs 8 --time 5m"
        )
    for task in range(1, 21):
        # The first six had a little longer, on a machine that was a little less busy.
        limits = " --epochs 40 --time 60s" if task < 7 else " --epochs 40 --time 45s --patience 6"
        yield Training(f"babi-1k-{task}", _babi("babi-en", "en", task) + limits)
    overfit = "{runs}/overfit.json"
    yield Training(
        "squad-overfit",
        f"{overfit} --valid {overfit} --test {overfit} --batch-size 16 --dropout 0 "
        "--averaging 0.9 --epochs 30 --patience 30",
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
    stopped = (runs / f"{training.name}.run" / "checkpoint.safetensors").exists()
    resume = ["--resume"] if stopped else []
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
    """Run what is missing, or write the page from what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--only", default="*", help="names of trainings, as a shell pattern")
    parser.add_argument("--page", action="store_true", help="write the page from what is there")
    asked = parser.parse_args()
    asked.runs.mkdir(parents=True, exist_ok=True)
    data = data_folder()
    if not (asked.runs / "overfit.json").exists():
        write_squad_files(data, asked.runs)
    if asked.page:
        write_page(asked.runs)
        return
    for training in trainings():
        if fnmatchcase(training.name, asked.only):
            run(training, data, asked.runs)


def write_page(runs: Path) -> None:
    """The measured sections of the page."""
    found = {
        training.name: json.loads((runs / f"{training.name}.json").read_text(encoding="utf-8"))
        for training in trainings()
        if (runs / f"{training.name}.json").exists()
    }
    sections = {
        "machine": describe_machine(),
        "babi-10k": _word_table(found, "babi-10k-", (1, 6, 9)),
        "babi-1k": _word_table(found, "babi-1k-", tuple(range(1, 21))),
        "squad": _span_table(found),
    }
    write_sections(PAGE, sections)


def _word_table(found: dict[str, Any], prefix: str, tasks: Sequence[int]) -> str:
    """Accuracy of each task beside its baselines, and the mean."""
    names = ("majority", "last_mentioned", "ngrams_lr")
    lines = [
        "| task | " + " | ".join(names) + " | this model | seconds |",
        "|---|" + "---|" * (len(names) + 2),
    ]
    columns: list[list[float]] = []
    for task in tasks:
        result = found.get(f"{prefix}{task}")
        if result is None:
            lines.append(f"| {task} | not measured |")
            continue
        scores = [result["baselines"][name]["accuracy"] for name in names]
        columns.append([*scores, result["test"]["accuracy"]])
        shown = " | ".join(f"{score:.3f}" for score in columns[-1])
        lines.append(f"| {task} | {shown} | {result['seconds']:.0f} |")
    if len(columns) == len(tasks):
        means = " | ".join(
            f"**{sum(each) / len(each):.3f}**" for each in zip(*columns, strict=True)
        )
        lines.append(f"| mean | {means} | |")
    return "\n".join(lines)


def _span_table(found: dict[str, Any]) -> str:
    """What was learned by heart, and each fold, beside the baselines."""
    lines = [
        "| training | model | questions | exact match | F1 | with an answer | without | seconds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in ("squad-overfit", *(f"squad-fold-{fold}" for fold in range(FOLDS))):
        result = found.get(name)
        if result is None:
            lines.append(f"| {name} | not measured |")
            continue
        rows = {**result["baselines"], "this model": result["test"]}
        for model, row in rows.items():
            seconds = f"{result['seconds']:.0f}" if model == "this model" else ""
            parts = [row[part] for part in ("with_answer", "without_answer")]
            cells = [f"{row['exact_match']:.3f}", f"{row['f1']:.3f}"]
            cells += ["–" if part is None else f"{part['f1']:.3f}" for part in parts]
            shown = " | ".join([name, model, f"{row['questions']:,}", *cells, seconds])
            lines.append(f"| {shown} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
