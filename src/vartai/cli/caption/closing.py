"""The end of a training run, for people: the table, one honest sentence, and what to type next."""

from __future__ import annotations

from pathlib import Path

from vartai.cli.caption.training_data import TrainingData
from vartai.cli.voice import Voice
from vartai.tasks.caption.experiment import Report
from vartai.tasks.caption.results import verdict
from vartai.tasks.caption.scores import CaptionScores
from vartai.training.duration import format_duration

HEADER = ("", "BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "chrF", "exact", "training")
_EXAMPLES = 3


def show_report(report: Report, data: TrainingData, folder: Path, voice: Voice) -> None:
    """Tell how good the model is, beside its baselines, and where it lies."""
    test = data.splits.test
    voice.tell(f"On {len(test):,} test pictures:")
    voice.tell()
    rows = [score_cells(each.name, each.scores, each.seconds) for each in report.baselines]
    name = f"{report.task.config.model.attention} attention"
    own = score_cells(name, report.test.scores, report.outcome.seconds)
    voice.table(HEADER, [*rows, own])
    voice.tell()
    voice.tell(f"BLEU: {report.test.scores.bleu_signature}")
    voice.tell(f"{report.test.loss:.3f} nats a word of the references, told all words before.")
    if report.test.cut:
        voice.tell(f"Captions that had to be ended at their longest: {report.test.cut:,}.")
    voice.tell(verdict(report))
    voice.tell()
    for item, made in list(zip(test.items, report.test.captions, strict=True))[:_EXAMPLES]:
        voice.tell(f"  {item.image}: {item.captions[0]}")
        voice.tell(f"  → {made.text}")
    voice.tell()
    voice.tell(f"The model is in {folder}. Next:")
    model = str(folder)
    voice.suggest(
        [
            ["vartai", "caption", model, "picture.jpg"],
            ["vartai", "evaluate", model, data.test_file or "new-captions.csv"],
            ["vartai", "show", model],
        ]
    )


def score_cells(name: str, scores: CaptionScores, seconds: float) -> tuple[str, ...]:
    """A row under `HEADER`."""
    bleu = [f"{value:.1f}" for value in scores.bleu]
    return name, *bleu, f"{scores.chrf:.1f}", f"{scores.exact:.3f}", format_duration(seconds)
