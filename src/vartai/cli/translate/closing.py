"""The end of a training run, for people: the table, one honest sentence, and what to type next."""

from __future__ import annotations

from pathlib import Path

from vartai.cli.translate.training_data import TrainingData
from vartai.cli.voice import Voice
from vartai.tasks.translate.experiment import Report
from vartai.tasks.translate.results import verdict
from vartai.tasks.translate.scores import TranslationScores
from vartai.training.duration import format_duration

_HEADER = ("", "BLEU", "chrF", "training")
_EXAMPLES = 3


def show_report(report: Report, data: TrainingData, folder: Path, voice: Voice) -> None:
    """Tell how good the model is, beside its baselines, and where it lies."""
    test = data.splits.test
    voice.tell(f"On {len(test):,} test pairs:")
    voice.tell()
    rows = [_cells(each.name, each.scores, each.seconds) for each in report.baselines]
    name = report.task.config.model.cell
    voice.table(_HEADER, [*rows, _cells(name, report.test.scores, report.outcome.seconds)])
    voice.tell()
    voice.tell(f"BLEU: {report.test.scores.bleu_signature}")
    voice.tell(f"{report.test.loss:.3f} nats a token of the target, told all tokens before.")
    if report.test.cut:
        voice.tell(f"{report.test.cut:,} translations had to be ended at their longest.")
    voice.tell(verdict(report))
    voice.tell()
    for place in range(min(_EXAMPLES, len(test))):
        voice.tell(f"  {test.sources[place]}")
        voice.tell(f"  → {report.test.translations[place].text}")
    voice.tell()
    voice.tell(f"The model is in {folder}. Next:")
    model = str(folder)
    voice.suggest(
        [
            ["vartai", "evaluate", model, *(data.test_files or ("new-pairs.tsv",))],
            ["vartai", "show", model],
        ]
    )
    voice.tell(f"  vartai translate {model} < texts.txt")


def _cells(name: str, scores: TranslationScores, seconds: float) -> tuple[str, ...]:
    return name, f"{scores.bleu:.1f}", f"{scores.chrf:.1f}", format_duration(seconds)
