"""One run of `vartai train generate`: from the files to a judged language model."""

from __future__ import annotations

from collections.abc import Sequence

from vartai.cli.generate.closing import show_report
from vartai.cli.generate.training_data import TrainingData, read_training_data
from vartai.cli.train_options import TrainOptions
from vartai.cli.training_run import Finished, Job, run_training
from vartai.tasks.generate.card import card_facts
from vartai.tasks.generate.config import GenerateConfig
from vartai.tasks.generate.demo import NAME
from vartai.tasks.generate.experiment import Report, run_experiment
from vartai.tasks.generate.results import report_as_mapping


def train(files: Sequence[str], config: GenerateConfig, where: TrainOptions, *, out: str) -> int:
    """Train, save, report; returns the exit code."""
    job = Job(
        task="generate",
        files=[*files, where.valid, where.test],
        read=lambda voice, rejects: read_training_data(
            files, config, where, voice=voice, rejects=rejects
        ),
        experiment=lambda data, sitting, start: run_experiment(
            config, data.splits, sitting=sitting, start=start
        ),
        finish=_finish,
    )
    return run_training(job, where, out=out)


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
