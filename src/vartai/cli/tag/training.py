"""One run of `vartai train tag`: from the file to a judged tagger."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vartai.cli.tag.closing import show_report
from vartai.cli.tag.training_data import TagData, read_training_data
from vartai.cli.train_options import TextTrainOptions
from vartai.cli.training_run import Finished, run_training
from vartai.cli.voice import Voice
from vartai.tasks.tag.card import card_facts
from vartai.tasks.tag.config import TagConfig
from vartai.tasks.tag.experiment import TagReport, run_experiment
from vartai.tasks.tag.results import report_as_mapping
from vartai.tasks.tag.task import TagTask
from vartai.training.loop import Outcome
from vartai.training.options import TrainingOptions
from vartai.training.sitting import Sitting


class TagJob:
    """A tagger to be trained on a file.

    Args:
        file: the file; None for the built-in corpus.
        config: of the tagger.
        where: the other files.
    """

    task = "tag"

    def __init__(self, file: str | None, config: TagConfig, where: TextTrainOptions) -> None:
        self.training: TrainingOptions = config.training
        self.files: Sequence[str] = [
            each for each in (file, where.valid, where.test, *where.unlabelled) if each is not None
        ]
        self._file = file
        self._config = config
        self._where = where
        self._data: TagData | None = None

    def read(self, voice: Voice, rejects: Path) -> None:
        """Read and split the files."""
        self._data = read_training_data(
            self._file, self._config, self._where, voice=voice, rejects=rejects
        )

    def train(self, sitting: Sitting, start: TagTask | None) -> Finished | Outcome:
        """Train the tagger and its baselines."""
        data = self._data
        if data is None:
            raise RuntimeError("the files were not read")
        result = run_experiment(data.config, data.splits, sitting=sitting, start=start)
        return finish(result, data) if isinstance(result, TagReport) else result


def finish(report: TagReport, data: TagData) -> Finished:
    """A judged tagger, ready to be saved and told of."""
    scores = report_as_mapping(report)
    return Finished(
        task=report.task,
        metrics=scores,
        facts=card_facts(report, scores, data.splits, files=data.files, rejected=data.rejected),
        tell=lambda voice, folder: show_report(report, data, folder, voice),
    )


def train(file: str | None, config: TagConfig, where: TextTrainOptions, *, out: str) -> int:
    """Train, save, report; returns the exit code."""
    return run_training(TagJob(file, config, where), where, out=out)
