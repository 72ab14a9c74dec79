"""One run of `vartai train classify`: from the table to a judged classifier."""

from __future__ import annotations

from vartai.cli.classify.closing import show_report
from vartai.cli.classify.training_data import TrainingData, read_training_data
from vartai.cli.train_options import TextTrainOptions
from vartai.cli.training_run import Finished, Job, run_training
from vartai.tasks.classify.card import card_facts
from vartai.tasks.classify.config import ClassifyConfig
from vartai.tasks.classify.experiment import Report, run_experiment
from vartai.tasks.classify.results import report_as_mapping


def train(table: str, config: ClassifyConfig, where: TextTrainOptions, *, out: str) -> int:
    """Train, save, report; returns the exit code."""
    job = Job(
        task="classify",
        files=[table, where.valid, where.test, *where.unlabelled],
        read=lambda voice, rejects: read_training_data(
            table, config, where, voice=voice, rejects=rejects
        ),
        experiment=lambda data, sitting, start: run_experiment(
            config, data.splits, sitting=sitting, start=start
        ),
        finish=finish,
    )
    return run_training(job, where, out=out)


def finish(report: Report, data: TrainingData) -> Finished:
    """A judged classifier, ready to be saved and told of."""
    scores = report_as_mapping(report, data.splits)
    return Finished(
        task=report.task,
        metrics=scores,
        facts=card_facts(report, scores, data.splits, files=data.files, rejected=data.rejected),
        tell=lambda voice, folder: show_report(report, data, folder, voice),
    )
