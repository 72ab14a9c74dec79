"""The end of a training run, for people: the table, one honest sentence, and what to type next."""

from __future__ import annotations

from pathlib import Path

from vartai.cli.generate.training_data import TrainingData
from vartai.cli.sizes import format_bytes
from vartai.cli.voice import Voice
from vartai.tasks.generate.experiment import Report
from vartai.tasks.generate.results import row_cells, verdict
from vartai.training.duration import format_duration


def show_report(report: Report, data: TrainingData, folder: Path, voice: Voice) -> None:
    """Tell how good the model is, beside its baselines, and where it lies."""
    fit = report.model.fit
    unit = report.task.unit
    held_out = "test" if data.splits.test else "validation"
    voice.tell(f"On {fit.units:,} {unit}s of {held_out} text, each counted once:")
    voice.tell()
    header = ("", f"nats a {unit}", "perplexity", "bits a character", "training", "size")
    voice.table(
        header,
        [
            (*row_cells(row), format_duration(row.seconds), format_bytes(row.bytes))
            for row in (*report.baselines, report.model)
        ],
    )
    voice.tell()
    voice.tell(verdict(report))
    voice.tell()
    voice.tell(f"The model is in {folder}. Next:")
    model = str(folder)
    voice.suggest(
        [
            ["vartai", "generate", model, "--prompt", _opening(data)],
            ["vartai", "evaluate", model, data.test_file or "new-text.txt"],
            ["vartai", "show", model],
        ]
    )


def _opening(data: TrainingData) -> str:
    """The first words of the text that was learned from."""
    words = data.splits.train[0].text.split(maxsplit=3)[:2]
    return " ".join(words)[:40]
