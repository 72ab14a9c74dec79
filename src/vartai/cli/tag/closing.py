"""The end of a training run, for people: the table, one honest sentence, and what to type next."""

from __future__ import annotations

from pathlib import Path

from vartai.cli.sizes import format_bytes
from vartai.cli.tag.training_data import TagData
from vartai.cli.voice import Voice
from vartai.tasks.tag.experiment import TagReport, TagRow
from vartai.tasks.tag.results import verdict
from vartai.training.duration import format_duration


def show_report(report: TagReport, data: TagData, folder: Path, voice: Voice) -> None:
    """Tell how good the model is, beside its baselines, and where it lies."""
    found = report.model.found
    test = data.splits.test
    voice.tell(
        f"On {len(test):,} test sentences: {found.words:,} words, {found.unseen:,} of them unseen:"
    )
    voice.tell()
    f1 = "span F1" if found.measure == "f1" else "macro-F1"
    header = ["", "accuracy", f1, "unseen words"]
    header += ["with the feature"] * (found.feature_accuracy is not None)
    rows = [*report.baselines, report.model]
    voice.table((*header, "training", "size"), [_cells(row) for row in rows])
    voice.tell()
    voice.tell(verdict(report))
    voice.tell()
    voice.tell(f"The model is in {folder}. Next:")
    voice.suggest(_next_commands(report, folder, data.test_file))


def _cells(row: TagRow) -> list[str]:
    found = row.found
    cells = [row.name, f"{found.accuracy:.4f}", f"{found.f1:.4f}", _share(found.unseen_accuracy)]
    cells += [] if found.feature_accuracy is None else [_share(found.feature_accuracy)]
    return [*cells, format_duration(row.seconds), format_bytes(row.bytes)]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _next_commands(report: TagReport, folder: Path, test_file: str | None) -> list[list[str]]:
    model = str(folder)
    commands = [
        # A split of the training file has no file; to judge by that file whole would be cheating.
        ["vartai", "evaluate", model, test_file or "new-sentences.conllu"],
        ["vartai", "predict", model, "--input", test_file or "sentences.conllu"],
        ["vartai", "show", model],
    ]
    if not report.task.vocabulary.columns:
        commands.insert(0, ["vartai", "predict", model, "a sentence of words"])
    return commands
