"""The end of a training run, for people: the table, one honest sentence, and what to type next."""

from __future__ import annotations

from pathlib import Path

from vartai.cli.answer.training_data import TrainingData
from vartai.cli.sizes import format_bytes
from vartai.cli.voice import Voice
from vartai.data.questions.question import SPAN
from vartai.tasks.answer.evaluation import Judged
from vartai.tasks.answer.experiment import Report, Row
from vartai.tasks.answer.results import verdict
from vartai.tasks.answer.scores import PartScore
from vartai.training.duration import format_duration

_SPAN = ("exact match", "F1", "F1 with an answer", "F1 without")


def show_report(report: Report, data: TrainingData, folder: Path, voice: Voice) -> None:
    """Tell how good the model is, beside its baselines, and where it lies."""
    rows = [*report.baselines, report.model]
    voice.tell(f"On {len(data.splits.test):,} test questions:")
    voice.tell()
    scores = _SPAN if report.task.kind == SPAN else ("accuracy",)
    voice.table(("", *scores, "training", "size"), [_cells(row) for row in rows])
    voice.tell()
    voice.tell(verdict(report))
    voice.tell()
    voice.tell(f"The model is in {folder}. Next:")
    model = str(folder)
    voice.suggest(
        [
            ["vartai", "answer", model, "--context", "passage.txt", "Who …?"],
            # A split of the training file has no file; to judge by that file would be cheating.
            ["vartai", "evaluate", model, data.test_file or "new-questions.json"],
            ["vartai", "show", model],
        ]
    )


def score_cells(judged: Judged) -> tuple[str, ...]:
    """The scores of some answers, to read."""
    spans = judged.spans
    if spans is None:
        return (f"{judged.value:.3f}",)
    return (
        f"{spans.all.exact_match:.3f}",
        f"{spans.all.f1:.3f}",
        _f1(spans.with_answer),
        _f1(spans.without_answer),
    )


def _f1(part: PartScore | None) -> str:
    return "–" if part is None else f"{part.f1:.3f}"


def _cells(row: Row) -> tuple[str, ...]:
    size = "–" if row.bytes is None else format_bytes(row.bytes)
    return (row.name, *score_cells(row.judged), format_duration(row.seconds), size)
