"""One run of `vartai train caption`: from the table to a judged captioner."""

from __future__ import annotations

from vartai.cli.caption.closing import show_report
from vartai.cli.caption.options import CaptionTrainOptions
from vartai.cli.caption.training_data import TrainingData, built_in_data, read_training_data
from vartai.cli.training_run import Finished, Job, run_training
from vartai.tasks.caption.card import card_facts
from vartai.tasks.caption.config import CaptionConfig
from vartai.tasks.caption.experiment import Report, run_experiment
from vartai.tasks.caption.results import report_as_mapping


def train(file: str | None, config: CaptionConfig, where: CaptionTrainOptions, *, out: str) -> int:
    """Train, save, report; returns the exit code."""
    job = Job(
        task="caption",
        files=[file, where.valid, where.test],
        read=lambda voice, rejects: (
            built_in_data(config, voice)
            if file is None
            else read_training_data(file, config, where, voice=voice, rejects=rejects)
        ),
        experiment=lambda data, sitting, start: run_experiment(
            data.config, data.splits, sitting=sitting, start=start
        ),
        finish=finish,
    )
    return run_training(job, where.run(), out=out)


def finish(report: Report, data: TrainingData) -> Finished:
    """A judged captioner, ready to be saved and told of."""
    scores = report_as_mapping(report, data.splits)
    return Finished(
        task=report.task,
        metrics=scores,
        facts=card_facts(report, scores, data.splits, files=data.files, rejected=data.rejected),
        tell=lambda voice, folder: show_report(report, data, folder, voice),
    )
