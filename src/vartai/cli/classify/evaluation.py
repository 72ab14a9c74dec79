"""One run of `vartai evaluate`: scores to read, and a folder of what is too much to print."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from vartai.bundle.trained import SavedTask
from vartai.cli.classify.pictures import write_pictures
from vartai.cli.task_verbs import Evaluation, make_folder
from vartai.cli.voice import Voice
from vartai.data.examples import Examples, read_examples, require_enough
from vartai.data.options import TableOptions
from vartai.data.writing import open_records
from vartai.errors import MissingExtra
from vartai.tasks.classify.evaluation import Evaluation as Found
from vartai.tasks.classify.evaluation import (
    evaluate,
    shuffled_accuracy,
    wrong_predictions,
)
from vartai.tasks.classify.reading import table_options
from vartai.tasks.classify.task import ClassifyTask

# Beyond these many labels the matrix is a picture only.
_WIDEST_MATRIX = 12
_WRONG = pa.schema(
    [
        ("line", pa.int64()),
        ("label", pa.list_(pa.string())),
        ("predicted", pa.list_(pa.string())),
        ("confidence", pa.float64()),
        ("text", pa.string()),
    ]
)


def run_evaluation(request: Evaluation) -> None:
    """Score, write, tell."""
    voice = Voice(json=request.json)
    saved = request.saved
    table = request.one_file("a table of labelled texts")
    folder = make_folder(request.folder)
    examples = _read(saved.task, table, request.reading, folder, voice)
    found = evaluate(saved.task, examples)
    shuffled = shuffled_accuracy(saved.task, examples, seed=saved.task.config.training.seed)
    wrong = _write_wrong(saved.task, examples, found, folder / "wrong.jsonl")
    pictures = _write_pictures(saved, found, folder, voice)
    _show(saved.task, found, shuffled, voice)
    voice.tell()
    voice.tell(f"{wrong:,} wrong predictions, the most confident first: {folder / 'wrong.jsonl'}")
    for picture in pictures:
        voice.tell(f"picture: {picture}")
    voice.answer(
        {
            **_scores(saved.task, found, shuffled),
            "texts": len(examples),
            "wrong": str(folder / "wrong.jsonl"),
            "pictures": list(map(str, pictures)),
        }
    )


def _read(
    task: ClassifyTask, table: str, asked: TableOptions, folder: Path, voice: Voice
) -> Examples:
    examples, rejects, notes = read_examples(
        table,
        table_options(task.config, asked, need_label=True),
        fix_text=task.config.text.fix_text,
        need_label=True,
    )
    voice.say_all(notes)
    if len(rejects):
        place = folder / "rejects.jsonl"
        rejects.write(place)
        voice.say_rejected(rejects, place)
    require_enough(examples, rejects)
    return examples


def _write_wrong(task: ClassifyTask, examples: Examples, found: Found, place: Path) -> int:
    records = [asdict(wrong) for wrong in wrong_predictions(task, examples, found)]
    with open_records(place, _WRONG) as writer:
        writer.write(records)
    return len(records)


def _write_pictures(saved: SavedTask, found: Found, folder: Path, voice: Voice) -> list[Path]:
    try:
        return write_pictures(saved, found, folder)
    except MissingExtra as error:
        voice.say(f"No pictures: {error}")
        return []


def _show(task: ClassifyTask, found: Found, shuffled: float, voice: Voice) -> None:
    voice.table(
        ("score", "value"),
        [
            ("accuracy", f"{found.accuracy:.4f}"),
            ("macro-F1", f"{found.macro_f1:.4f}"),
            ("accuracy with words shuffled", f"{shuffled:.4f}"),
            ("calibration error", f"{found.calibration.error:.4f}"),
            ("loss, nats a text", f"{found.loss:.4f}"),
        ],
    )
    voice.tell()
    voice.table(
        ("class", "precision", "recall", "F1", "texts"),
        [
            (c.label, f"{c.precision:.3f}", f"{c.recall:.3f}", f"{c.f1:.3f}", f"{c.texts:,}")
            for c in found.classes
        ],
    )
    if found.confusion is not None and len(task.labels) <= _WIDEST_MATRIX:
        voice.tell()
        voice.table(
            ("true, then predicted as", *task.labels),
            [
                (label, *(f"{count:,}" for count in row))
                for label, row in zip(task.labels, found.confusion.tolist(), strict=True)
            ],
        )


def _scores(task: ClassifyTask, found: Found, shuffled: float) -> dict[str, Any]:
    return {
        "accuracy": found.accuracy,
        "macro_f1": found.macro_f1,
        "shuffled_accuracy": shuffled,
        "calibration_error": found.calibration.error,
        "loss": found.loss,
        "labels": list(task.labels),
        "classes": [asdict(score) for score in found.classes],
        "confusion": None if found.confusion is None else found.confusion.tolist(),
    }
