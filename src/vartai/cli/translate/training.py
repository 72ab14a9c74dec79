"""One run of `vartai train translate`: from the pairs to a judged translator."""

from __future__ import annotations

from collections.abc import Sequence

from vartai.cli.training_run import Finished, Job, run_training
from vartai.cli.translate.closing import show_report
from vartai.cli.translate.options import TranslateTrainOptions
from vartai.cli.translate.training_data import TrainingData, built_in_data, read_training_data
from vartai.tasks.translate.card import card_facts
from vartai.tasks.translate.config import TranslateConfig
from vartai.tasks.translate.experiment import Report, run_experiment
from vartai.tasks.translate.results import report_as_mapping


def train(
    files: Sequence[str], config: TranslateConfig, where: TranslateTrainOptions, *, out: str
) -> int:
    """Train, save, report; returns the exit code."""
    job = Job(
        task="translate",
        files=[*files, *where.valid, *where.test],
        read=lambda voice, rejects: (
            read_training_data(files, config, where, voice=voice, rejects=rejects)
            if files
            else built_in_data(config.training.seed, voice)
        ),
        experiment=lambda data, sitting, start: run_experiment(
            config, data.splits, sitting=sitting, start=start
        ),
        finish=finish,
    )
    return run_training(job, where.run(), out=out)


def finish(report: Report, data: TrainingData) -> Finished:
    """A judged translator, ready to be saved and told of."""
    scores = report_as_mapping(report, data.splits)
    return Finished(
        task=report.task,
        metrics=scores,
        facts=card_facts(report, scores, data.splits, files=data.files, rejected=data.rejected),
        tell=lambda voice, folder: show_report(report, data, folder, voice),
    )
