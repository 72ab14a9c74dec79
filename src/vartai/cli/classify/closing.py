"""The end of a training run, for people: the table, one honest sentence, and what to type next."""

from __future__ import annotations

from pathlib import Path

from vartai.cli.classify.training_data import TrainingData
from vartai.cli.sizes import format_bytes
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
    voice.suggest(_next_commands(folder, data.test_file))


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
