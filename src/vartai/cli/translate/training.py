"""One run of `vartai train translate`: from the pairs to a judged translator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vartai.cli.training_run import Finished, run_training
from vartai.cli.translate.closing import show_report
from vartai.cli.translate.options import TranslateTrainOptions
from vartai.cli.translate.training_data import TrainingData, built_in_data, read_training_data
from vartai.cli.voice import Voice
from vartai.tasks.translate.card import card_facts
from vartai.tasks.translate.config import TranslateConfig
from vartai.tasks.translate.experiment import Report, run_experiment
from vartai.tasks.translate.results import report_as_mapping
from vartai.tasks.translate.task import TranslateTask
from vartai.training.loop import Outcome
from vartai.training.options import TrainingOptions
from vartai.training.sitting import Sitting


class TranslateJob:
    """A translator to be trained on pairs.

    Args:
        files: a table or two files; none for the built-in grammar.
        config: of the translator.
        where: the other files.
    """

    task = "translate"

    def __init__(
        self, files: Sequence[str], config: TranslateConfig, where: TranslateTrainOptions
    ) -> None:
        self.training: TrainingOptions = config.training
        self.files: Sequence[str] = [*files, *where.valid, *where.test]
        self._own = tuple(files)
        self._config = config
        self._where = where
        self._data: TrainingData | None = None

    def read(self, voice: Voice, rejects: Path) -> None:
        """Read and split the pairs."""
        if self._own:
            self._data = read_training_data(
                self._own, self._config, self._where, voice=voice, rejects=rejects
            )
        else:
            self._data = built_in_data(self._config.training.seed, voice)

    def train(self, sitting: Sitting, start: TranslateTask | None) -> Finished | Outcome:
        """Train the translator and its baselines."""
        data = self._data
        if data is None:
            raise RuntimeError("the pairs were not read")
        result = run_experiment(self._config, data.splits, sitting=sitting, start=start)
        return finish(result, data) if isinstance(result, Report) else result


def finish(report: Report, data: TrainingData) -> Finished:
    """A judged translator, ready to be saved and told of."""
    scores = report_as_mapping(report, data.splits)
    return Finished(
        task=report.task,
        metrics=scores,
        facts=card_facts(report, scores, data.splits, files=data.files, rejected=data.rejected),
        tell=lambda voice, folder: show_report(report, data, folder, voice),
    )


def train(
    files: Sequence[str], config: TranslateConfig, where: TranslateTrainOptions, *, out: str
) -> int:
    """Train, save, report; returns the exit code."""
    return run_training(TranslateJob(files, config, where), where.run(), out=out)
