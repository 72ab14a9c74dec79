"""One run of `vartai train classify`: from the table to a judged classifier."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vartai.cli.classify.closing import show_report
from vartai.cli.classify.training_data import TrainingData, read_training_data
from vartai.cli.train_options import TextTrainOptions
from vartai.cli.training_run import Finished, run_training
from vartai.cli.voice import Voice
from vartai.tasks.classify.card import card_facts
from vartai.tasks.classify.config import ClassifyConfig
from vartai.tasks.classify.experiment import Report, run_experiment
from vartai.tasks.classify.results import report_as_mapping
from vartai.tasks.classify.task import ClassifyTask
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting


class ClassifyJob:
    """A classifier to be trained on a table.

    Args:
        table: the file.
        config: of the classifier.
        where: the other files.
    """

    task = "classify"

    def __init__(self, table: str, config: ClassifyConfig, where: TextTrainOptions) -> None:
        self.training = config.training
        self.files: Sequence[str] = [
            file for file in (table, where.valid, where.test, *where.unlabelled) if file is not None
        ]
        self._table = table
        self._config = config
        self._where = where
        self._data: TrainingData | None = None

    def read(self, voice: Voice, rejects: Path) -> None:
        """Read and split the tables."""
        self._data = read_training_data(
            self._table,
            self._config,
            self._where,
            voice=voice,
            rejects=rejects,
        )

    def train(self, sitting: Sitting, start: ClassifyTask | None) -> Finished | Outcome:
        """Train the classifier and its baselines."""
        data = self._data
        if data is None:
            raise RuntimeError("the tables were not read")
        result = run_experiment(self._config, data.splits, sitting=sitting, start=start)
        return finish(result, data) if isinstance(result, Report) else result


def finish(report: Report, data: TrainingData) -> Finished:
    """A judged classifier, ready to be saved and told of."""
    scores = report_as_mapping(report, data.splits)
    return Finished(
        task=report.task,
        metrics=scores,
        facts=card_facts(report, scores, data.splits, files=data.files, rejected=data.rejected),
        tell=lambda voice, folder: show_report(report, data, folder, voice),
    )


def train(table: str, config: ClassifyConfig, where: TextTrainOptions, *, out: str) -> int:
    """Train, save, report; returns the exit code."""
    return run_training(ClassifyJob(table, config, where), where, out=out)
