"""One run of `vartai train answer`: from the questions to a judged model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vartai.cli.answer.closing import show_report
from vartai.cli.answer.training_data import TrainingData, built_in_data, read_training_data
from vartai.cli.train_options import TrainOptions
from vartai.cli.training_run import Finished, run_training
from vartai.cli.voice import Voice
from vartai.tasks.answer.card import card_facts
from vartai.tasks.answer.config import AnswerConfig
from vartai.tasks.answer.experiment import Report, run_experiment
from vartai.tasks.answer.results import report_as_mapping
from vartai.tasks.answer.task import AnswerTask
from vartai.training.loop import Outcome
from vartai.training.options import TrainingOptions
from vartai.training.sitting import Sitting


class AnswerJob:
    """A model to be trained on questions.

    Args:
        file: the questions; None for built-in ones.
        config: of the model.
        where: the other files.
    """

    task = "answer"

    def __init__(self, file: str | None, config: AnswerConfig, where: TrainOptions) -> None:
        self.training: TrainingOptions = config.training
        self.files: Sequence[str] = [
            each for each in (file, where.valid, where.test) if each is not None
        ]
        self._file = file
        self._config = config
        self._where = where
        self._data: TrainingData | None = None

    def read(self, voice: Voice, rejects: Path) -> None:
        """Read and split the questions."""
        if self._file is None:
            self._data = built_in_data(self._config, voice)
        else:
            self._data = read_training_data(
                self._file, self._config, self._where, voice=voice, rejects=rejects
            )

    def train(self, sitting: Sitting, start: AnswerTask | None) -> Finished | Outcome:
        """Train the model and its baselines."""
        data = self._data
        if data is None:
            raise RuntimeError("the questions were not read")
        result = run_experiment(self._config, data.splits, sitting=sitting, start=start)
        if not isinstance(result, Report):
            return result
        scores = report_as_mapping(result)
        return Finished(
            task=result.task,
            metrics=scores,
            facts=card_facts(result, scores, data.splits, files=data.files, rejected=data.rejected),
            tell=lambda voice, folder: show_report(result, data, folder, voice),
        )


def train(file: str | None, config: AnswerConfig, where: TrainOptions, *, out: str) -> int:
    """Train, save, report; returns the exit code."""
    return run_training(AnswerJob(file, config, where), where, out=out)
