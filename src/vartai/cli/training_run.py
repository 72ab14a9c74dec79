"""One run of `vartai train classify`: from the table to the saved model and the closing table."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from vartai.bundle import require_bundle_place
from vartai.bundle.experiment import save_report
from vartai.bundle.trained import load_task
from vartai.cli.closing import show_report
from vartai.cli.failures import DONE, INTERRUPTED
from vartai.cli.progress import show_progress
from vartai.cli.train_options import TrainOptions
from vartai.cli.training_data import read_training_data
from vartai.cli.voice import Voice
from vartai.errors import OptionError, SaveError
from vartai.tasks.classify.config import ClassifyConfig
from vartai.tasks.classify.experiment import Report, run_experiment
from vartai.tasks.classify.fit import Sitting
from vartai.training.events import Event, Observer
from vartai.training.log import open_log
from vartai.training.processes import Processes, join_processes
from vartai.training.tensorboard import open_tensorboard


def run_training(table: str, config: ClassifyConfig, where: TrainOptions, *, out: str) -> int:
    """Train, save, report.

    Returns:
        The exit code: 130 if Ctrl-C stopped it.
    """
    folder = Path(out)
    place = RunPlace(folder)
    # Everything that would fail in the end and can be known now is found out now.
    require_bundle_place(folder)
    place.require(resume=where.resume)
    start = None if where.start is None else load_task(Path(where.start)).task
    with join_processes() as processes:
        voice = Voice(json=where.json, silent=not processes.first)
        if table == "-" and processes.world > 1:
            raise OptionError("standard input can be read by one process only; give a file")
        if place.checkpoint.exists() and not where.resume:
            voice.say(f"{place.checkpoint} of an earlier run is not used; --resume would go on.")
        data = read_training_data(table, config, where, voice=voice, rejects=place.rejects)
        with _listening(config, where, place, processes) as observer:
            sitting = Sitting(
                observer=observer,
                note=voice.say,
                processes=processes,
                checkpoint=place.checkpoint,
                resume=where.resume,
            )
            result = run_experiment(config, data.splits, sitting=sitting, start=start)
    if isinstance(result, Report):
        scores = save_report(
            folder, result, splits=data.splits, files=data.files, rejected=data.rejected
        )
        place.checkpoint.unlink(missing_ok=True)
        show_report(result, data, folder, voice)
        voice.answer({"bundle": str(folder), **scores})
        return DONE
    if result.reason == "interrupted":
        voice.say(_how_to_go_on(result.seconds))
        return INTERRUPTED
    return DONE


class RunPlace:
    """The folder beside a model in which its run keeps what it needs and what it noticed.

    Args:
        folder: where the model will be.
    """

    def __init__(self, folder: Path) -> None:
        whole = folder.resolve()
        if not whole.name:
            raise OptionError(f"{folder} cannot be the folder of a model")
        # As it was typed where that is possible, for it will be printed.
        near = folder if folder.name == whole.name else whole
        self.folder = near.with_name(f"{whole.name}.run")
        self.checkpoint = self.folder / "checkpoint.safetensors"
        self.rejects = self.folder / "rejects.jsonl"
        self.log = self.folder / "log.jsonl"

    def require(self, *, resume: bool) -> None:
        """Make the folder, and find out whether it can be written and resumed from.

        Raises:
            OptionError: there is nothing to resume.
            SaveError: nothing can be written there.
        """
        if resume and not self.checkpoint.exists():
            raise OptionError(
                f"nothing to resume: {self.checkpoint} is not there; without --resume a new run "
                "starts"
            )
        probe = self.folder / ".probe"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise SaveError(f"{self.folder}: cannot be written: {error.strerror}") from error


@contextmanager
def _listening(
    config: ClassifyConfig, where: TrainOptions, place: RunPlace, processes: Processes
) -> Iterator[Observer]:
    """One observer for the progress bar, the log and TensorBoard; none but in the first process."""
    with ExitStack() as stack:
        observers: list[Observer] = []
        if processes.first:
            observers.append(stack.enter_context(open_log(place.log, resume=where.resume)))
            if where.tensorboard is not None:
                observers.append(stack.enter_context(open_tensorboard(Path(where.tensorboard))))
            observers.append(stack.enter_context(show_progress(config.training.epochs)))

        def tell(event: Event) -> None:
            for observer in observers:
                observer(event)

        yield tell


def _how_to_go_on(seconds: float) -> str:
    typed = sys.argv[1:]
    command = shlex.join(["vartai", *typed, *([] if "--resume" in typed else ["--resume"])])
    return f"stopped after {seconds:.0f} s; the checkpoint is saved. To go on:\n  {command}"
