"""One run of `vartai train generate`: from the files to a judged language model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vartai.cli.generate.closing import show_report
from vartai.cli.generate.training_data import TrainingData, read_training_data
from vartai.cli.train_options import TrainOptions
from vartai.cli.training_run import Finished, run_training
from vartai.cli.voice import Voice
from vartai.tasks.generate.card import card_facts
from vartai.tasks.generate.config import GenerateConfig
from vartai.tasks.generate.demo import NAME
from vartai.tasks.generate.experiment import Report, run_experiment
from vartai.tasks.generate.results import report_as_mapping
from vartai.tasks.generate.task import GenerateTask
from vartai.training.loop import Outcome
from vartai.training.options import TrainingOptions
from vartai.training.sitting import Sitting


class GenerateJob:
    """A language model to be trained on running text.

    Args:
        files: of text; none for the built-in corpus.
        config: of the language model.
        where: the other files.
    """

    task = "generate"

    def __init__(self, files: Sequence[str], config: GenerateConfig, where: TrainOptions) -> None:
        self.training: TrainingOptions = config.training
        self.files: Sequence[str] = [
            *files,
            *(file for file in (where.valid, where.test) if file is not None),
        ]
        self._own = files
        self._config = config
        self._where = where
        self._data: TrainingData | None = None

    def read(self, voice: Voice, rejects: Path) -> None:
        """Read the text and hold some of it out."""
        self._data = read_training_data(
            self._own, self._config, self._where, voice=voice, rejects=rejects
        )

    def train(self, sitting: Sitting, start: GenerateTask | None) -> Finished | Outcome:
        """Train the language model; count its baselines."""
        data = self._data
        if data is None:
            raise RuntimeError("the files were not read")
        result = run_experiment(self._config, data.splits, sitting=sitting, start=start)
        return _finish(result, data) if isinstance(result, Report) else result


def _finish(report: Report, data: TrainingData) -> Finished:
    """A judged language model, ready to be saved and told of."""
    scores = report_as_mapping(report)
    files = data.files or (NAME,)
    return Finished(
        task=report.task,
        metrics=scores,
        facts=card_facts(report, scores, data.splits, files=files, rejected=data.rejected),
        tell=lambda voice, folder: show_report(report, data, folder, voice),
    )


def train(files: Sequence[str], config: GenerateConfig, where: TrainOptions, *, out: str) -> int:
    """Train, save, report; returns the exit code."""
    return run_training(GenerateJob(files, config, where), where, out=out)
