"""One run of `vartai train tag`: from the file to a judged tagger."""

from __future__ import annotations

from vartai.cli.tag.closing import show_report
from vartai.cli.tag.training_data import TagData, read_training_data
from vartai.cli.train_options import TextTrainOptions
from vartai.cli.training_run import Finished, Job, run_training
from vartai.tasks.tag.card import card_facts
from vartai.tasks.tag.config import TagConfig
from vartai.tasks.tag.experiment import TagReport, run_experiment
from vartai.tasks.tag.results import report_as_mapping


def train(file: str | None, config: TagConfig, where: TextTrainOptions, *, out: str) -> int:
    """Train, save, report; returns the exit code."""
    job = Job(
        task="tag",
        files=[file, where.valid, where.test, *where.unlabelled],
        read=lambda voice, rejects: read_training_data(
            file, config, where, voice=voice, rejects=rejects
        ),
        experiment=lambda data, sitting, start: run_experiment(
            data.config, data.splits, sitting=sitting, start=start
        ),
        finish=finish,
    )
    return run_training(job, where, out=out)


def finish(report: TagReport, data: TagData) -> Finished:
    """A judged tagger, ready to be saved and told of."""
    scores = report_as_mapping(report)
    return Finished(
        task=report.task,
        metrics=scores,
        facts=card_facts(report, scores, data.splits, files=data.files, rejected=data.rejected),
        tell=lambda voice, folder: show_report(report, data, folder, voice),
    )
