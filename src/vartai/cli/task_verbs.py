"""Verbs that every task answers in its own way, by the task of the model at hand.

A new task is one more line in the table of each verb that it answers.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import Any

from vartai.bundle.trained import SavedTask, load_task
from vartai.cli.pairs import PairsOptions
from vartai.cli.predict import PredictOptions
from vartai.cli.stream.verb import StreamOptions
from vartai.data.options import TableOptions
from vartai.decoding.options import SamplingOptions
from vartai.errors import OptionError, SaveError

# Verb → task → ``module:function`` that does it.
ANSWERS = {
    "caption": {"caption": "vartai.cli.caption.lines:run_pictures"},
    "evaluate": {
        "answer": "vartai.cli.answer.evaluation:run_evaluation",
        "caption": "vartai.cli.caption.evaluation:run_evaluation",
        "classify": "vartai.cli.classify.evaluation:run_evaluation",
        "generate": "vartai.cli.generate.evaluation:run_evaluation",
        "tag": "vartai.cli.tag.evaluation:run_evaluation",
        "translate": "vartai.cli.translate.evaluation:run_evaluation",
    },
    "generate": {"generate": "vartai.cli.generate.writing:run_generation"},
    "pairs": {"classify": "vartai.cli.classify.pairs:run_pairs"},
    "predict": {
        "answer": "vartai.cli.answer.prediction:run_prediction",
        "caption": "vartai.cli.caption.prediction:run_prediction",
        "classify": "vartai.cli.classify.prediction:run_prediction",
        "tag": "vartai.cli.tag.prediction:run_prediction",
    },
    "stream": {
        "classify": "vartai.cli.stream.classify:run_labels",
        "generate": "vartai.cli.stream.generate:run_writing",
        "tag": "vartai.cli.stream.tag:run_tags",
    },
    "translate": {"translate": "vartai.cli.translate.lines:run_lines"},
}


@dataclass(frozen=True)
class Evaluation:
    """What `vartai evaluate` was asked.

    Args:
        saved: the model.
        model: its folder, as typed.
        files: to judge by.
        reading: how a table is read.
        out: folder for what is too much to print; None if not given.
        json: one JSON object in place of the tables.
    """

    saved: SavedTask
    model: str
    files: tuple[str, ...]
    reading: TableOptions
    out: str | None
    json: bool

    @property
    def folder(self) -> Path:
        """For what is too much to print: the one asked for, or one beside the model."""
        return (
            Path(self.out) if self.out is not None else Path(f"{self.model.rstrip('/')}.evaluation")
        )

    def one_file(self, what: str) -> str:
        """The only file.

        Args:
            what: it should be, as a message says it: ``a table of labelled texts``.

        Raises:
            OptionError: there is none, or there are more.
        """
        if len(self.files) != 1:
            raise OptionError(f"expected {what}, one file; {len(self.files)} were given")
        return self.files[0]


@dataclass(frozen=True)
class Prediction:
    """What `vartai predict` was asked.

    Args:
        saved: the model.
        texts: given as arguments.
        where: what and where.
        reading: how a table is read.
    """

    saved: SavedTask
    texts: tuple[str, ...]
    where: PredictOptions
    reading: TableOptions


@dataclass(frozen=True)
class Pairs:
    """What `vartai pairs` was asked.

    Args:
        saved: the model.
        model: its folder, as typed.
        sheet: file of pairs; None if they are generated.
        what: what and where.
        reading: how the sheet is read.
    """

    saved: SavedTask
    model: str
    sheet: str | None
    what: PairsOptions
    reading: TableOptions


@dataclass(frozen=True)
class Streaming:
    """What `vartai stream` was asked.

    Args:
        saved: the model.
        how: lines are read and answered.
        sampling: choosing what comes next.
    """

    saved: SavedTask
    how: StreamOptions
    sampling: SamplingOptions


def load_for(verb: str, model: str) -> SavedTask:
    """The model, if its task answers this verb.

    Raises:
        BundleError: it cannot be loaded.
        OptionError: its task does not; names the verbs that it answers.
    """
    saved = load_task(Path(model))
    if saved.name not in ANSWERS[verb]:
        others = [name for name, tasks in ANSWERS.items() if saved.name in tasks]
        raise OptionError(
            f"{model} is a model for {saved.name}, which has no {verb}; "
            f"it has: {', '.join([*sorted(others), 'show'])}"
        )
    return saved


def answer(verb: str, request: Evaluation | Pairs | Prediction | Streaming) -> None:
    """Do what the verb means for the task of the model at hand."""
    module, _, name = ANSWERS[verb][request.saved.name].partition(":")
    getattr(import_module(module), name)(request)


def require_unset(how: StreamOptions, names: tuple[str, ...], *, of: str) -> None:
    """Refuse options of a stream that mean nothing here, rather than ignore them.

    Args:
        how: as typed.
        names: of those options.
        of: what kind of model has no use for them, as a message says it.

    Raises:
        OptionError: one was typed; names it.
    """
    default = StreamOptions()
    for name in names:
        if getattr(how, name) != getattr(default, name):
            raise OptionError(f"--{name} has no use here: the model is {of}")


def require_untyped(reading: TableOptions, *, used: tuple[str, ...], why: str) -> None:
    """Refuse options of reading that mean nothing here, rather than ignore them.

    Args:
        reading: as typed.
        used: options that do mean something.
        why: the others do not, as the end of a sentence: ``a text file has no columns``.

    Raises:
        OptionError: one was typed; names it.
    """
    default: Any = TableOptions()
    for field in fields(reading):
        if field.name not in used and getattr(reading, field.name) != getattr(default, field.name):
            raise OptionError(f"--{field.name.replace('_', '-')} has no use here: {why}")


def make_folder(folder: Path) -> Path:
    """Make the folder that a verb was asked to write to.

    Raises:
        SaveError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SaveError(
            f"{folder}: cannot be made: {error.strerror}; --out names another"
        ) from error
    return folder
