"""The one place where models compute: a thread, and a bounded line of jobs before it.

Jobs of one group are computed as one batch. The oldest job decides which group is next, and waits
`delay` for company at most; what fails in company is computed again alone, so that no job suffers
from another. An answer that nobody waits for any more is thrown away.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from vartai.errors import UserError
from vartai.serve.service.refusals import Refusal, come_back


@dataclass(frozen=True, eq=False)
class Group:
    """Inputs that can be computed together.

    Args:
        name: such as ``predict``, for the metrics.
        compute: inputs to as many answers; an exception in the place of one refuses that input.
        most: inputs of a batch.
    """

    name: str
    compute: Callable[[Sequence[Any]], Sequence[Any]]
    most: int


@dataclass(eq=False)
class Job:
    """Inputs of one request.

    Args:
        group: of the inputs.
        inputs: one or more.
        future: of the answers, as many.
    """

    group: Group
    inputs: Sequence[Any]
    future: asyncio.Future[Sequence[Any]]
    arrived: float = field(default_factory=time.monotonic)


class Watcher(Protocol):
    """Hears of every batch."""

    def computed(self, group: str, inputs: int, seconds: float) -> None:
        """So many inputs were computed together, in so many seconds."""


class Line:
    """Jobs that wait, and the thread that computes them.

    Args:
        delay: seconds that a job waits for company.
        bound: jobs that may wait.
        watcher: hears of every batch.
    """

    def __init__(self, *, delay: float, bound: int, watcher: Watcher) -> None:
        self._delay = delay
        self._bound = bound
        self._watcher = watcher
        self._waiting: dict[Group, deque[Job]] = {}
        self._count = 0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="vartai-compute", daemon=True)

    def start(self) -> None:
        """Begin to compute."""
        self._thread.start()

    def close(self) -> None:
        """Compute what was accepted, then end; nothing more is accepted."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join()

    def __len__(self) -> int:
        return self._count

    @property
    def alive(self) -> bool:
        """Whether jobs are computed."""
        return self._thread.is_alive() and not self._closed

    def submit(self, group: Group, inputs: Sequence[Any]) -> asyncio.Future[Sequence[Any]]:
        """Put a job into the line, from the event loop.

        Raises:
            Refusal: the line is full, or closed.
        """
        job = Job(group, inputs, asyncio.get_running_loop().create_future())
        with self._changed:
            if self._closed:
                raise come_back("the service is stopping", reason="stopping", seconds=5)
            if self._count >= self._bound:
                problem = f"busy: {self._bound:,} requests wait already; try again in a second"
                raise come_back(problem, reason="queue")
            self._waiting.setdefault(group, deque()).append(job)
            self._count += 1
            self._changed.notify()
        return job.future

    def _run(self) -> None:
        while jobs := self._take():
            wanted = [job for job in jobs if not job.future.cancelled()]
            begun = time.perf_counter()
            outcomes = _compute(wanted)
            if wanted:
                inputs = sum(len(job.inputs) for job in wanted)
                self._watcher.computed(wanted[0].group.name, inputs, time.perf_counter() - begun)
            # The loop is closed only when nobody waits for an answer.
            with contextlib.suppress(RuntimeError):
                jobs[0].future.get_loop().call_soon_threadsafe(_deliver, outcomes)

    def _take(self) -> list[Job]:
        """The next batch; nothing once the line is closed and empty."""
        with self._changed:
            while True:
                group = min(
                    self._waiting, key=lambda each: self._waiting[each][0].arrived, default=None
                )
                if group is None:
                    if self._closed:
                        return []
                    self._changed.wait()
                    continue
                jobs = self._waiting[group]
                left = jobs[0].arrived + self._delay - time.monotonic()
                if left <= 0 or self._closed or sum(len(j.inputs) for j in jobs) >= group.most:
                    break
                self._changed.wait(left)
            return self._cut(group, jobs)

    def _cut(self, group: Group, jobs: deque[Job]) -> list[Job]:
        taken: list[Job] = []
        inputs = 0
        while jobs and (not taken or inputs + len(jobs[0].inputs) <= group.most):
            inputs += len(jobs[0].inputs)
            taken.append(jobs.popleft())
        if not jobs:
            del self._waiting[group]
        self._count -= len(taken)
        return taken


Outcome = Sequence[Any] | Exception


def _compute(jobs: Sequence[Job]) -> list[tuple[Job, Outcome]]:
    if not jobs:
        return []
    try:
        inputs = [each for job in jobs for each in job.inputs]
        answers = jobs[0].group.compute(inputs)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer of one job only
        if len(jobs) == 1:
            return [(jobs[0], error)]
        return [outcome for job in jobs for outcome in _compute([job])]
    found: list[tuple[Job, Outcome]] = []
    place = 0
    for job in jobs:
        own = answers[place : place + len(job.inputs)]
        place += len(job.inputs)
        found.append((job, _refused(own) or own))
    return found


def _refused(answers: Sequence[Any]) -> Exception | None:
    """The refusal of the first input that was refused; names its place where there are several."""
    for place, answer in enumerate(answers):
        if isinstance(answer, Exception):
            if len(answers) == 1 or not isinstance(answer, UserError):
                return answer
            return Refusal(400, f"inputs[{place}]: {answer}")
    return None


def _deliver(outcomes: Sequence[tuple[Job, Outcome]]) -> None:
    """In the thread of the event loop: answers to those who wait for them."""
    for job, outcome in outcomes:
        if job.future.done():
            continue
        if isinstance(outcome, Exception):
            job.future.set_exception(outcome)
        else:
            job.future.set_result(outcome)
