"""One run of `vartai compare …`: from the data to the table and the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from vartai.cli.classify.training_data import read_training_data as read_table
from vartai.cli.compare.options import CompareOptions, parse_count
from vartai.cli.failures import DONE, INTERRUPTED
from vartai.cli.generate.training_data import read_training_data as read_text
from vartai.cli.tag.training_data import read_training_data as read_sentences
from vartai.cli.task_verbs import make_folder
from vartai.cli.train_options import TextTrainOptions, TrainOptions
from vartai.cli.voice import Voice
from vartai.errors import OptionError
from vartai.figures import spread_chart, write_figure
from vartai.kernels.cell_names import CELLS
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.tasks.classify.contest import ClassifyContest
from vartai.tasks.classify.demo import demo_corpus, demo_splits
from vartai.tasks.contest import Contest, Kept, Run, equal_size, hold, require_cells
from vartai.tasks.contest_table import Standing, standings
from vartai.tasks.generate.config import GenerateConfig, LanguageModelOptions
from vartai.tasks.generate.contest import GenerateContest
from vartai.tasks.tag.config import TagConfig, TaggerOptions
from vartai.tasks.tag.contest import TagContest
from vartai.training.duration import format_duration
from vartai.training.options import TrainingOptions

T = TypeVar("T", bound=TrainingOptions)
Model = ClassifierOptions | LanguageModelOptions | TaggerOptions

MEASURES = {
    "accuracy": "accuracy",
    "bits_per_character": "bits per character",
    "f1": "F1 of spans",
}
RUNS, PICTURE, REJECTS = "runs.jsonl", "picture.html", "rejects.jsonl"


def compare_classifiers(
    table: str | None, config: ClassifyConfig, where: CompareOptions, *, out: str
) -> int:
    """Train, compare, report; returns the exit code. Without a table, on the built-in corpus."""
    voice, folder = Voice(json=where.json), make_folder(Path(out))
    config = replace(config, training=_on_one_thread(config.training))
    require_cells(where.names(), tuple(CELLS))
    if table is None:
        splits, _ = demo_splits(demo_corpus(config.training.seed))
    else:
        files = TextTrainOptions(valid=where.valid, test=where.test)
        rejects = folder / REJECTS
        splits = read_table(table, config, files, voice=voice, rejects=rejects).splits
    contest = ClassifyContest(config, splits)
    return _compare(contest, config.model, where, folder=folder, voice=voice)


def compare_taggers(file: str | None, config: TagConfig, where: CompareOptions, *, out: str) -> int:
    """Train, compare, report; returns the exit code. Without a file, on the built-in corpus."""
    voice, folder = Voice(json=where.json), make_folder(Path(out))
    files = TextTrainOptions(valid=where.valid, test=where.test)
    config = replace(config, training=_on_one_thread(config.training))
    require_cells(where.names(), tuple(CELLS))
    data = read_sentences(file, config, files, voice=voice, rejects=folder / REJECTS)
    contest = TagContest(data.config, data.splits)
    return _compare(contest, config.model, where, folder=folder, voice=voice)


def compare_language_models(
    files: Sequence[str], config: GenerateConfig, where: CompareOptions, *, out: str
) -> int:
    """Train, compare, report; returns the exit code. Without files, on the built-in corpus."""
    voice, folder = Voice(json=where.json), make_folder(Path(out))
    others = TrainOptions(valid=where.valid, test=where.test)
    config = replace(config, training=_on_one_thread(config.training))
    require_cells(where.names(), tuple(CELLS))
    data = read_text(files, config, others, voice=voice, rejects=folder / REJECTS)
    contest = GenerateContest(config, data.splits)
    return _compare(contest, config.model, where, folder=folder, voice=voice)


def _on_one_thread(training: T) -> T:
    """Unless somebody asked for more: runs that share threads take each other's time."""
    return replace(training, threads=training.threads or 1)


def _compare(
    contest: ClassifyContest | GenerateContest | TagContest,
    model: Model,
    where: CompareOptions,
    *,
    folder: Path,
    voice: Voice,
) -> int:
    cells = where.names()
    contestants = equal_size(contest, cells, parameters=_wanted(contest, model, where))
    seeds = range(contest.config.training.seed, contest.config.training.seed + where.seeds)
    kept = Kept(folder / RUNS)
    total = len(contestants) * where.seeds
    voice.say(f"{total} runs: {len(contestants)} cells, {where.seeds} seeds; kept in {kept.path}.")
    found: list[Run] = []
    stopped = False
    try:
        for run in hold(contest, contestants, seeds, kept=kept, workers=where.workers):
            found.append(run)
            voice.say(_line(run, contest, place=f"{len(found)} of {total}"))
    except KeyboardInterrupt:
        stopped = True
    stopped = stopped or len(found) < total
    table = standings(contestants, found, measure=contest.measure, higher=contest.higher)
    report(table, contest, folder=folder, voice=voice)
    if stopped:
        voice.say("stopped; the finished runs are kept, and the same command goes on.")
    return INTERRUPTED if stopped else DONE


def _wanted(contest: Contest, model: Model, where: CompareOptions) -> int:
    """Numbers that the recurrent layers of each cell are to have."""
    if where.parameters is None:
        return contest.parameters(contest.sized(where.names()[0], model.hidden_size))
    if model.hidden_size != type(model)().hidden_size:
        raise OptionError("--parameters and --hidden-size both say how large cells are; give one")
    return parse_count(where.parameters)


def _line(run: Run, contest: Contest, *, place: str) -> str:
    own = run.measured
    if not own.scores:
        return f"{place}: {run.name}, seed {run.seed}: {own.reason}"
    return (
        f"{place}: {run.name}, seed {run.seed}: {MEASURES[contest.measure]} "
        f"{own.scores[contest.measure]:.4f} after {own.epochs} epochs, "
        f"{format_duration(own.seconds)} ({own.reason})"
    )


def report(table: Sequence[Standing], contest: Contest, *, folder: Path, voice: Voice) -> None:
    """The table, the statement and the picture."""
    if not table:
        return
    measure = MEASURES[contest.measure]
    voice.table(
        ["cell", "units", "parameters", measure, "spread", "beside the first", "time"],
        [_row(standing) for standing in table],
    )
    voice.tell(
        f"{measure}: mean of the seeds, {'higher' if contest.higher else 'lower'} is better. Units "
        "and parameters are those of the recurrent layers."
    )
    tested = [standing.difference for standing in table if standing.difference is not None]
    if tested:
        seeds = max(each.seeds for each in tested)
        voice.tell(
            "Beside the first: mean of the paired differences, above 0 where this cell is better, "
            f"and its exact p; with {seeds} seeds no p can be below {2 ** (1 - seeds):.2g}."
        )
    title = f"{measure} by cell, {table[0].contestant.parameters:,} parameters"
    if not any(each.scores for each in table):
        voice.say("no picture: every training failed")
    elif find_spec("plotly") is None:
        voice.say("no picture: plotly is not installed; pip install 'vartai[inspect]'")
    else:
        points = {each.contestant.name: list(each.scores.values()) for each in table if each.scores}
        write_figure(spread_chart(points, axis=measure, title=title), folder / PICTURE)
        voice.tell(f"The picture is in {folder / PICTURE}.")
    voice.answer(
        {
            "measure": contest.measure,
            "higher_is_better": contest.higher,
            "cells": [standing.facts() for standing in table],
        }
    )


def _row(standing: Standing) -> list[str]:
    own, scores = standing.contestant, list(standing.scores.values())
    beside = ""
    if standing.difference is not None:
        found = standing.difference
        p = "" if found.p is None else f" (p {found.p:.2g})"
        beside = f"{found.mean:+.4f}{p}"
    return [
        own.name,
        f"{own.hidden_size:,}",
        f"{own.parameters:,}",
        "–" if standing.mean is None else f"{standing.mean:.4f}",
        f"{min(scores):.4f}–{max(scores):.4f}" if len(scores) > 1 else "",
        beside + (f" ({standing.failed} failed)" if standing.failed else ""),
        "–" if standing.seconds is None else format_duration(standing.seconds),
    ]
