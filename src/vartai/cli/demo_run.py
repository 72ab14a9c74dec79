"""One run of `vartai demo`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from vartai.bundle import require_bundle_place
from vartai.cli.classify.training import finish
from vartai.cli.classify.training_data import TrainingData
from vartai.cli.failures import DONE, INTERRUPTED
from vartai.cli.progress import show_progress
from vartai.cli.run_place import RunPlace
from vartai.cli.training_run import save_finished
from vartai.cli.voice import Voice
from vartai.data.examples import Examples
from vartai.data.negation import NegationCorpus
from vartai.data.writing import open_records
from vartai.tasks.classify.demo import CELLS, demo_config, demo_corpus, demo_splits
from vartai.tasks.classify.experiment import Report, Splits, judge
from vartai.tasks.classify.ladder import Rung, climb
from vartai.training.duration import format_duration
from vartai.training.sitting import Sitting

_HEADER = ("", "test", "words shuffled", "minimal pairs", "training", "parameters")
_SAVED = "lstm"


def run_demo(folder: Path, *, seed: int, json: bool) -> int:
    """Train the ladder, print its table, save the LSTM.

    Returns:
        The exit code.
    """
    began = time.perf_counter()
    voice = Voice(json=json)
    require_bundle_place(folder)
    place = RunPlace(folder)
    place.require(resume=False)
    corpus = demo_corpus(seed)
    splits, pairs = demo_splits(corpus)
    files = _write_corpus(place.folder, splits, pairs)
    _introduce(voice, corpus, splits)
    config = demo_config(seed)
    with show_progress() as observer:
        sitting = Sitting(observer=observer, note=voice.say)
        rungs = climb(config, CELLS, splits=splits, pairs=pairs, sitting=sitting)
    if len(rungs) < len(CELLS):
        voice.say("stopped; nothing was saved")
        return INTERRUPTED
    voice.say("training the baselines")
    saved = next(rung for rung in rungs if rung.cell == _SAVED)
    report = judge(saved.task, saved.outcome, splits, seconds=saved.outcome.seconds)
    data = TrainingData(splits, tuple(files), test_file=files[2], rejected=0)
    save_finished(folder, "classify", finish(report, data))
    seconds = time.perf_counter() - began
    _show(voice, rungs, report, corpus)
    _suggest(voice, folder, files)
    voice.tell(f"\n{format_duration(seconds)} in all.")
    voice.answer(_answer(folder, rungs, report, corpus, seconds))
    return DONE


def _introduce(voice: Voice, corpus: NegationCorpus, splits: Splits) -> None:
    voice.say(
        f"{len(splits.train):,} sentences to learn from, {len(splits.test):,} to judge by, in "
        "English and Lithuanian; for example:"
    )
    for pair in (corpus.minimal_pairs[0], corpus.minimal_pairs[-1]):
        for sentence in pair:
            voice.say(f"  {sentence.label:9} {sentence.text}")


def _show(voice: Voice, rungs: Sequence[Rung], report: Report, corpus: NegationCorpus) -> None:
    rows = [
        [row.name, f"{row.accuracy:.3f}", f"{row.shuffled_accuracy:.3f}", "", "", ""]
        for row in report.baselines
    ]
    rows += [
        [
            rung.cell,
            f"{rung.accuracy:.3f}",
            f"{rung.shuffled_accuracy:.3f}",
            f"{rung.pair_accuracy:.3f}",
            format_duration(rung.outcome.seconds),
            f"{rung.parameters:,}",
        ]
        for rung in rungs
    ]
    voice.tell()
    voice.table(_HEADER, rows)
    voice.tell()
    voice.tell(
        f"The best possible accuracy is {corpus.best_accuracy:.3f}; whatever sees only which words "
        "there are scores 0.500."
    )


def _suggest(voice: Voice, folder: Path, files: Sequence[str]) -> None:
    test = files[2]
    voice.tell(f"\nThe {_SAVED} is in {folder}. Next:")
    voice.tell(
        f'  vartai predict {folder} "the film was not bad , it was good" "ne blogas , o geras"'
    )
    voice.tell(f"  vartai evaluate {folder} {test}")
    voice.tell(f"  vartai show {folder}")


def _write_corpus(folder: Path, splits: Splits, pairs: Examples) -> list[str]:
    """The corpus as tables, to look at and to train on; returns their names."""
    schema = pa.schema([("text", pa.string()), ("label", pa.string())])
    names = []
    for examples in (splits.train, splits.valid, splits.test, pairs):
        path = folder / f"{examples.file}.csv"
        with open_records(path, schema) as writer:
            rows = zip(examples.texts, examples.labels, strict=True)
            writer.write([{"text": text, "label": label} for text, (label,) in rows])
        names.append(str(path))
    return names


def _answer(
    folder: Path, rungs: Sequence[Rung], report: Report, corpus: NegationCorpus, seconds: float
) -> dict[str, Any]:
    return {
        "bundle": str(folder),
        "seconds": round(seconds, 3),
        "best_accuracy": corpus.best_accuracy,
        "models": {
            rung.cell: {
                "accuracy": rung.accuracy,
                "shuffled_accuracy": rung.shuffled_accuracy,
                "pair_accuracy": rung.pair_accuracy,
                "parameters": rung.parameters,
                "seconds": round(rung.outcome.seconds, 3),
            }
            for rung in rungs
        },
        "baselines": {
            row.name: {"accuracy": row.accuracy, "shuffled_accuracy": row.shuffled_accuracy}
            for row in report.baselines
        },
    }
