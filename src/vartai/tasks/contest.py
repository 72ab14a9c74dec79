"""Several cells on one task, at equal parameters and an equal budget, over several seeds.

A contest is what a task brings: how a cell is given so many parameters, and one run. What is here
knows no task: which runs there are, in which order, in how many processes, and what has been done
already. Every finished run is one line of a file, so that nothing is lost when somebody stops it.
"""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

from vartai.errors import InputError, OptionError, RunError, SaveError, unknown_name
from vartai.kernels.cell_names import CELLS

CLOSE = 0.02
"""Parameters of every cell differ by at most so much from those wanted, as a share."""
MOST_RUNS = 10_000
_LARGEST = 4096


@dataclass(frozen=True)
class Measured:
    """What one training came to.

    Args:
        scores: by name, on the texts that judge; one of them is `Contest.measure`. None at all if
            training failed, as where a loss is no longer finite.
        epochs: that were trained.
        best_epoch: whose weights were kept.
        reason: why it ended, or failed.
        seconds: of training.
    """

    scores: Mapping[str, float]
    epochs: int
    best_epoch: int
    reason: str
    seconds: float


class Contest(Protocol):
    """What a task brings."""

    @property
    def measure(self) -> str:
        """Name of the score that cells are compared by."""

    @property
    def higher(self) -> bool:
        """Whether more of it is better."""

    def sized(self, cell: str, hidden_size: int) -> Any:
        """The configuration of a cell with so many units."""

    def parameters(self, config: Any) -> int:
        """Numbers in its recurrent layers; nothing is allocated."""

    def identity(self, config: Any, *, seed: int) -> str:
        """A digest of all that decides a run, data and budget included."""

    def run(self, config: Any, *, seed: int) -> Measured | None:
        """Train and judge; None if it was interrupted."""


@dataclass(frozen=True)
class Contestant:
    """One cell of a contest.

    Args:
        name: that it is shown under.
        cell: which.
        hidden_size: units.
        parameters: numbers in its recurrent layers.
        config: of its runs.
    """

    name: str
    cell: str
    hidden_size: int
    parameters: int
    config: Any


@dataclass(frozen=True)
class Run:
    """A finished training, as a line of the file has it.

    Args:
        key: digest of all that decides it.
        name: of the contestant.
        hidden_size: units.
        parameters: numbers in its recurrent layers.
        seed: of first weights, order and dropout.
        measured: what it came to.
    """

    key: str
    name: str
    hidden_size: int
    parameters: int
    seed: int
    measured: Measured


def equal_size(contest: Contest, cells: Sequence[str], *, parameters: int) -> list[Contestant]:
    """The cells with as nearly so many numbers in their recurrent layers as their units allow.

    Args:
        contest: of a task.
        cells: names, each once.
        parameters: that are wanted.

    Raises:
        OptionError: a name twice, or a cell that cannot come within `CLOSE`; names it.
    """
    if len(set(cells)) < len(cells):
        twice = next(cell for cell in cells if list(cells).count(cell) > 1)
        raise OptionError(f"cells: {twice} is named twice")
    return [_sized(contest, cell, parameters) for cell in cells]


def _sized(contest: Contest, cell: str, parameters: int) -> Contestant:
    def count(size: int) -> int:
        return contest.parameters(contest.sized(cell, size))

    low, high = _smallest(cell), _LARGEST
    if count(high) < parameters:
        raise OptionError(f"{cell}: {_LARGEST} units have fewer than {parameters:,} parameters")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) < parameters else (low, middle)
    best = min((low, high), key=lambda size: abs(count(size) - parameters))
    found = count(best)
    if abs(found - parameters) > CLOSE * parameters:
        raise OptionError(
            f"{cell}: {best} units have {found:,} parameters, which is not within "
            f"{CLOSE:.0%} of {parameters:,}; more parameters can be met more closely"
        )
    return Contestant(cell, cell, best, found, contest.sized(cell, best))


def _smallest(cell: str) -> int:
    return CELLS[cell].smallest if cell in CELLS else 1


class Kept:
    """The file of finished runs, a line each.

    Args:
        path: of the file; what stands there already is read.

    Raises:
        InputError: a line is not a run; names it. A last line that was cut short is
            no finished run, and goes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.runs: dict[str, Run] = {}
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = text.split("\n")
        if lines[-1]:
            path.write_text(text.removesuffix(lines[-1]), encoding="utf-8")
        for number, line in enumerate(lines[:-1], start=1):
            run = _read(line, file=str(path), number=number)
            self.runs[run.key] = run

    def add(self, run: Run) -> None:
        """Write it down at once.

        Raises:
            SaveError: it could not be written.
        """
        self.runs[run.key] = run
        line = json.dumps(asdict(run), allow_nan=False)
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
        except OSError as error:
            raise SaveError(f"{self.path}: could not be written: {error.strerror}") from error


def _read(line: str, *, file: str, number: int) -> Run:
    fields = {"key": str, "name": str, "hidden_size": int, "parameters": int, "seed": int}
    wrong = InputError("expected a finished run of a comparison", file=file, line=number)
    try:
        found = json.loads(line)
    except ValueError as error:
        raise wrong from error
    if not isinstance(found, dict) or found.keys() != {*fields, "measured"}:
        raise wrong
    if any(type(found[name]) is not kind for name, kind in fields.items()):
        raise wrong
    return Run(**{name: found[name] for name in fields}, measured=_measured(found, wrong))


def _measured(found: Mapping[str, Any], wrong: InputError) -> Measured:
    fields = {"epochs": int, "best_epoch": int, "reason": str, "seconds": float}
    own = found["measured"]
    if not isinstance(own, dict) or own.keys() != {*fields, "scores"}:
        raise wrong
    scores = own["scores"]
    if any(type(own[name]) is not kind for name, kind in fields.items()):
        raise wrong
    if not isinstance(scores, dict) or any(type(value) is not float for value in scores.values()):
        raise wrong
    return Measured(scores, own["epochs"], own["best_epoch"], own["reason"], own["seconds"])


@dataclass(frozen=True)
class _Planned:
    key: str
    contestant: Contestant
    seed: int

    def finished(self, measured: Measured) -> Run:
        own = self.contestant
        return Run(self.key, own.name, own.hidden_size, own.parameters, self.seed, measured)


def hold(
    contest: Contest,
    contestants: Sequence[Contestant],
    seeds: Sequence[int],
    *,
    kept: Kept,
    workers: int,
) -> Iterator[Run]:
    """Every run that there is to be, as it is finished; first those that were kept from before.

    All cells are trained with the first seed, then all with the next, so that whoever stops early
    has comparable runs. It ends early when a run is interrupted.

    Args:
        contest: of a task.
        contestants: of different names.
        seeds: of the runs of each, the same for all.
        kept: finished runs; new ones are added.
        workers: processes that train at once, each on one thread; 1 for this process itself.

    Raises:
        OptionError: more runs than anyone means, or two contestants of one name.
    """
    names = [contestant.name for contestant in contestants]
    if len(set(names)) < len(names):
        raise OptionError("contestants of a comparison need different names")
    if len(names) * len(seeds) > MOST_RUNS:
        raise OptionError(f"{len(names)} x {len(seeds)} runs are more than {MOST_RUNS:,}")
    planned = [
        _Planned(contest.identity(contestant.config, seed=seed), contestant, seed)
        for seed in seeds
        for contestant in contestants
    ]
    before = [(kept.runs[each.key], each) for each in planned if each.key in kept.runs]
    yield from (replace(run, name=each.contestant.name) for run, each in before)
    left = [each for each in planned if each.key not in kept.runs]
    for run in _in_turn(contest, left) if workers == 1 else _at_once(contest, left, workers):
        kept.add(run)
        yield run


def _in_turn(contest: Contest, planned: Sequence[_Planned]) -> Iterator[Run]:
    for each in planned:
        measured = _try(contest, each.contestant.config, each.seed)
        if measured is None:
            return
        yield each.finished(measured)


_contest: Contest | None = None  # of a worker


def _begin_worker(contest: Contest) -> None:
    global _contest
    _contest = contest


def _work(config: Any, seed: int) -> Measured | None:
    if _contest is None:
        raise RuntimeError("a worker was not told what it is for")
    return _try(_contest, config, seed)


def _try(contest: Contest, config: Any, seed: int) -> Measured | None:
    """A training that fails is a result too: of the others nothing may be lost."""
    try:
        return contest.run(config, seed=seed)
    except RunError as error:
        return Measured({}, 0, 0, f"failed: {error}", 0.0)


def _at_once(contest: Contest, planned: Sequence[_Planned], workers: int) -> Iterator[Run]:
    """In processes that were started afresh: one that is forked shares torch's threads badly."""
    pool = ProcessPoolExecutor(
        min(workers, max(1, len(planned))),
        mp_context=get_context("spawn"),
        initializer=_begin_worker,
        initargs=(contest,),
    )
    waiting: dict[Future[Measured | None], _Planned] = {}
    try:
        with _nobody_interrupts():
            for each in planned:
                waiting[pool.submit(_work, each.contestant.config, each.seed)] = each
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                each, measured = waiting.pop(future), future.result()
                if measured is None:
                    return
                yield each.finished(measured)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _nobody_interrupts() -> Iterator[None]:
    """Processes that are started now do not hear Ctrl-C but while they train, where it is a wish.

    Else one that waits for work, or has hardly begun, would end in a traceback.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def require_cells(cells: Sequence[str], known: Sequence[str]) -> None:
    """Refuse a name that no cell has, and fewer than two.

    Raises:
        OptionError: lists the names that there are.
    """
    for cell in cells:
        if cell not in known:
            raise unknown_name("cell", cell, known)
    if len(cells) < 2:
        raise OptionError("a comparison needs two cells at least, such as --cells lstm,gru")
