"""One run of `vartai train answer`: from the questions to a judged model."""

from __future__ import annotations

from vartai.cli.answer.closing import show_report
from vartai.cli.answer.training_data import TrainingData, built_in_data, read_training_data
from vartai.cli.train_options import TrainOptions
from vartai.cli.training_run import Finished, Job, run_training
from vartai.tasks.answer.card import card_facts
from vartai.tasks.answer.config import AnswerConfig
from vartai.tasks.answer.experiment import Report, run_experiment
from vartai.tasks.answer.results import report_as_mapping


def train(file: str | None, config: AnswerConfig, where: TrainOptions, *, out: str) -> int:
    """Train, save, report; returns the exit code."""
    job = Job(
        task="answer",
        files=[file, where.valid, where.test],
        read=lambda voice, rejects: (
            built_in_data(config, voice)
            if file is None
            else read_training_data(file, config, where, voice=voice, rejects=rejects)
        ),
        experiment=lambda data, sitting, start: run_experiment(
            config, data.splits, sitting=sitting, start=start
        ),
        finish=finish,
    )
    return run_training(job, where, out=out)


def finish(report: Report, data: TrainingData) -> Finished:
    """A judged model, ready to be saved and told of."""
    scores = report_as_mapping(report)
    return Finished(
        task=report.task,
        metrics=scores,
        facts=card_facts(report, scores, data.splits, files=data.files, rejected=data.rejected),
        tell=lambda voice, folder: show_report(report, data, folder, voice),
    )
