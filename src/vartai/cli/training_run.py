"""One run of `vartai train …`, whatever the task: from its options to the saved model."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from vartai.bundle import render_card, require_bundle_place
from vartai.bundle.trained import load_task, save_task
from vartai.cli.failures import DONE, INTERRUPTED
from vartai.cli.progress import show_progress
from vartai.cli.run_place import RunPlace
from vartai.cli.train_options import TrainOptions
from vartai.cli.voice import Voice
from vartai.errors import OptionError
from vartai.tasks.card_facts import CardFacts
from vartai.tasks.parts import Task
from vartai.training.events import Event, Observer
from vartai.training.log import open_log
from vartai.training.loop import Outcome
from vartai.training.processes import Processes, join_processes
from vartai.training.sitting import Sitting
from vartai.training.tensorboard import open_tensorboard


class Material(Protocol):
    """What was read to be trained on."""

    @property
    def splits(self) -> Any:
        """``train``, ``valid`` and ``test``, each with a length."""

    @property
    def rejected(self) -> int:
        """What could not be used."""


Data = TypeVar("Data", bound=Material)
Report = TypeVar("Report")


@dataclass(frozen=True, eq=False)
class Finished:
    """A training that came to its end.

    Args:
        task: what was trained.
        metrics: what was measured; saved with the model and, but for ``history``, printed with
            ``--json``.
        facts: for the model card.
        tell: tells people how good the model is, beside its baselines, and what to type next.
    """

    task: Task
    metrics: Mapping[str, Any]
    facts: CardFacts
    tell: Callable[[Voice, Path], None]


@dataclass(frozen=True)
class Job(Generic[Data, Report]):
    """What a task brings to a run.

    Args:
        task: its name.
        files: that it reads; None where none was given.
        read: reads them, says what was noticed, and writes rejected rows to the place, if any.
        experiment: trains on what was read, judges and compares; it is told what surrounds the run,
            and a trained task of this kind to go on from, or None. The outcome alone comes back if
            training was interrupted, and in every process but the first.
        finish: makes of its report what is saved and told.
    """

    task: str
    files: Sequence[str | None]
    read: Callable[[Voice, Path], Data]
    experiment: Callable[[Data, Sitting, Any], Report | Outcome]
    finish: Callable[[Report, Data], Finished]

    @property
    def named_files(self) -> list[str]:
        """The files that were given, each once."""
        return list(dict.fromkeys(file for file in self.files if file is not None))


def run_training(job: Job[Data, Report], where: TrainOptions, *, out: str) -> int:
    """Train, save, report.

    Returns:
        The exit code: 130 if Ctrl-C stopped it.
    """
    folder = Path(out)
    place = RunPlace(folder)
    # Everything that would fail in the end and can be known now is found out now.
    require_bundle_place(folder)
    place.require(resume=where.resume)
    start = None if where.start is None else _load_start(Path(where.start), job.task)
    with join_processes() as processes:
        voice = Voice(json=where.json, silent=not processes.first)
        if "-" in job.files and processes.world > 1:
            raise OptionError("standard input can be read by one process only; give a file")
        if place.checkpoint.exists() and not where.resume:
            voice.say(f"{place.checkpoint} of an earlier run is not used; --resume would go on.")
        try:
            # A model that is there already keeps the rejects that it was trained without.
            data = job.read(voice, place.dry_rejects if where.dry_run else place.rejects)
        finally:
            if where.dry_run and processes.first:
                place.leave_if_empty()
        if where.dry_run:
            voice.tell("Nothing was trained: without --dry-run, the same command would begin now.")
            voice.answer({"task": job.task, "files": job.named_files, **_sizes(data)})
            return DONE
        with listening(where, place, processes) as observer:
            sitting = Sitting(
                observer=observer,
                note=voice.say,
                processes=processes,
                checkpoint=place.checkpoint,
                resume=where.resume,
            )
            result = job.experiment(data, sitting, start)
    if isinstance(result, Outcome):
        if result.reason != "interrupted":
            return DONE
        voice.say(_how_to_go_on(result.seconds))
        return INTERRUPTED
    finished = job.finish(result, data)
    save_finished(folder, job.task, finished)
    place.clear()
    finished.tell(voice, folder)
    shown = {name: value for name, value in finished.metrics.items() if name != "history"}
    voice.answer({"bundle": str(folder), **shown})
    return DONE


@contextmanager
def listening(where: TrainOptions, place: RunPlace, processes: Processes) -> Iterator[Observer]:
    """One observer for the progress bar, the log and TensorBoard; none but in the first process."""
    with ExitStack() as stack:
        observers: list[Observer] = []
        if processes.first:
            observers.append(stack.enter_context(open_log(place.log, resume=where.resume)))
            if where.tensorboard is not None:
                observers.append(stack.enter_context(open_tensorboard(Path(where.tensorboard))))
            observers.append(stack.enter_context(show_progress()))

        def tell(event: Event) -> None:
            for observer in observers:
                observer(event)

        yield tell


def _load_start(folder: Path, task: str) -> Any:
    saved = load_task(folder)
    if saved.name != task:
        raise OptionError(f"{folder} is a model for {saved.name}; --from here expects {task}")
    return saved.task


def save_finished(folder: Path, name: str, result: Finished) -> None:
    """Save it as a bundle; an older one at its place survives any failure."""
    card = render_card(folder.resolve().name, name, result.facts)
    save_task(folder, name, result.task, metrics=result.metrics, card=card)


def _sizes(data: Material) -> dict[str, int]:
    parts = {name: len(getattr(data.splits, name)) for name in ("train", "valid", "test")}
    return {**parts, "rejected": data.rejected}


def _how_to_go_on(seconds: float) -> str:
    typed = sys.argv[1:]
    command = shlex.join(["vartai", *typed, *([] if "--resume" in typed else ["--resume"])])
    return f"stopped after {seconds:.0f} s; the checkpoint is saved. To go on:\n  {command}"
