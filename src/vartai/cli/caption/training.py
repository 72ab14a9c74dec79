"""One run of `vartai train caption`: from the table to a judged captioner."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vartai.cli.caption.closing import show_report
from vartai.cli.caption.options import CaptionTrainOptions
from vartai.cli.caption.training_data import TrainingData, built_in_data, read_training_data
from vartai.cli.training_run import Finished, run_training
from vartai.cli.voice import Voice
from vartai.tasks.caption.card import card_facts
from vartai.tasks.caption.config import CaptionConfig
from vartai.tasks.caption.experiment import Report, run_experiment
from vartai.tasks.caption.results import report_as_mapping
from vartai.tasks.caption.task import CaptionTask
from vartai.training.loop import Outcome
from vartai.training.options import TrainingOptions
from vartai.training.sitting import Sitting


class CaptionJob:
    """A captioner to be trained.

    Args:
        file: a table; None for the built-in scenes.
        config: of the captioner.
        where: the other files.
    """

    task = "caption"

    def __init__(self, file: str | None, config: CaptionConfig, where: CaptionTrainOptions) -> None:
        self.training: TrainingOptions = config.training
        given = (file, where.valid, where.test)
        self.files: Sequence[str] = [name for name in given if name is not None]
        self._file = file
        self._config = config
        self._where = where
        self._data: TrainingData | None = None

    def read(self, voice: Voice, rejects: Path) -> None:
        """Read and split the pictures."""
        if self._file is None:
            self._data = built_in_data(self._config, voice)
        else:
            self._data = read_training_data(
                self._file, self._config, self._where, voice=voice, rejects=rejects
            )

    def train(self, sitting: Sitting, start: CaptionTask | None) -> Finished | Outcome:
        """Train the captioner and its baselines."""
        data = self._data
        if data is None:
            raise RuntimeError("the pictures were not read")
        result = run_experiment(data.config, data.splits, sitting=sitting, start=start)
        return finish(result, data) if isinstance(result, Report) else result


def finish(report: Report, data: TrainingData) -> Finished:
    """A judged captioner, ready to be saved and told of."""
    scores = report_as_mapping(report, data.splits)
    return Finished(
        task=report.task,
        metrics=scores,
        facts=card_facts(report, scores, data.splits, files=data.files, rejected=data.rejected),
        tell=lambda voice, folder: show_report(report, data, folder, voice),
    )


def train(file: str | None, config: CaptionConfig, where: CaptionTrainOptions, *, out: str) -> int:
    """Train, save, report; returns the exit code."""
    return run_training(CaptionJob(file, config, where), where.run(), out=out)
