"""The end of a training run, for people: the table, one honest sentence, and what to type next."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from vartai.cli.training_data import TrainingData
from vartai.cli.voice import Voice
from vartai.tasks.classify.experiment import Report, Row
from vartai.tasks.classify.results import verdict
from vartai.training.duration import format_duration

_HEADER = ("", "accuracy", "macro-F1", "words shuffled", "training", "size")


def show_report(report: Report, data: TrainingData, folder: Path, voice: Voice) -> None:
    """Tell how good the model is, beside its baselines, and where it lies."""
    rows = [*report.baselines, *report.models]
    voice.tell(f"On {len(data.splits.test):,} test texts:")
    voice.tell()
    voice.table(_HEADER, [_cells(row) for row in rows])
    voice.tell()
    voice.tell(verdict(report))
    voice.tell()
    voice.tell(f"The model is in {folder}. Next:")
    _suggest(voice, _next_commands(folder, data.test_file))


def format_bytes(size: int) -> str:
    """A size to read.

    >>> format_bytes(1_234_567)
    '1.2 MB'
    """
    value = float(size)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        f"{row.accuracy:.3f}",
        f"{row.macro_f1:.3f}",
        f"{row.shuffled_accuracy:.3f}",
        format_duration(row.seconds),
        format_bytes(row.bytes),
    )


def _next_commands(folder: Path, test_file: str | None) -> list[list[str]]:
    model = str(folder)
    return [
        ["vartai", "predict", model, "some text"],
        # A split of the training table has no file; to judge by that table whole would be cheating.
        ["vartai", "evaluate", model, test_file or "new-texts.csv"],
        ["vartai", "show", model],
    ]


def _suggest(voice: Voice, commands: Sequence[Sequence[str]]) -> None:
    for command in commands:
        voice.tell(f"  {shlex.join(command)}")
