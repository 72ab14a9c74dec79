"""The line before the one thread that computes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from vartai.errors import InputError
from vartai.serve.service.line import Group, Line
from vartai.serve.service.refusals import Refusal


class Heard:
    """Batches that were computed."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, int]] = []

    def computed(self, group: str, inputs: int, seconds: float) -> None:
        assert seconds >= 0
        self.batches.append((group, inputs))


class Gate:
    """Computes nothing until it is opened, and says when it was reached."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()
        self.group = Group("gate", self._compute, 1)

    def _compute(self, inputs: Sequence[Any]) -> Sequence[Any]:
        self.reached.set()
        assert self.opened.wait(30)
        return list(inputs)


def double(inputs: Sequence[Any]) -> Sequence[Any]:
    for each in inputs:
        if each == "crash":
            raise ZeroDivisionError
    return [InputError("it is bad") if each == "bad" else each * 2 for each in inputs]


DOUBLE = Group("double", double, 4)


@contextmanager
def started(*, delay: float = 0.0, bound: int = 100) -> Iterator[tuple[Line, Heard]]:
    heard = Heard()
    line = Line(delay=delay, bound=bound, watcher=heard)
    line.start()
    yield line, heard
    line.close()


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(30):
            await test()

    asyncio.run(limited())


def test_what_waits_together_is_one_batch_of_at_most_so_many() -> None:
    gate = Gate()

    async def test() -> None:
        with started() as (line, heard):
            first = line.submit(gate.group, [0])
            others = [line.submit(DOUBLE, [place]) for place in range(6)]
            gate.opened.set()
            assert [(await each)[0] for each in others] == [0, 2, 4, 6, 8, 10]
            assert await first == [0]
        assert heard.batches == [("gate", 1), ("double", 4), ("double", 2)]

    run(test)


def test_a_request_of_many_inputs_is_never_cut() -> None:
    async def test() -> None:
        with started() as (line, heard):
            assert await line.submit(DOUBLE, list(range(9))) == [2 * each for each in range(9)]
        assert heard.batches == [("double", 9)]

    run(test)


def test_the_oldest_decides_who_is_next() -> None:
    gate, order = Gate(), []

    def note(name: str) -> Group:
        return Group(name, lambda inputs: order.append(name) or inputs, 4)  # type: ignore[func-returns-value]

    async def test() -> None:
        with started() as (line, _):
            line.submit(gate.group, [0])
            assert await asyncio.to_thread(gate.reached.wait, 30)
            groups = {name: note(name) for name in "ab"}
            futures = [line.submit(groups[name], [name]) for name in "abaab"]
            gate.opened.set()
            await asyncio.gather(*futures)
        assert order == ["a", "b"]

    run(test)


def test_one_that_fails_in_company_fails_alone() -> None:
    gate = Gate()

    async def test() -> None:
        with started() as (line, _):
            line.submit(gate.group, [0])
            futures = [line.submit(DOUBLE, [each]) for each in (1, "crash", "bad", 3)]
            gate.opened.set()
            answers = await asyncio.gather(*futures, return_exceptions=True)
            assert answers[0] == [2]
            assert isinstance(answers[1], ZeroDivisionError)
            assert str(answers[2]) == "it is bad"
            assert answers[3] == [6]
            with pytest.raises(Refusal, match=r"inputs\[1\]: it is bad"):
                await line.submit(DOUBLE, [1, "bad"])

    run(test)


def test_a_full_line_says_when_to_come_back_and_takes_others_later() -> None:
    gate = Gate()

    async def test() -> None:
        with started(bound=2) as (line, _):
            line.submit(gate.group, [0])
            assert await asyncio.to_thread(gate.reached.wait, 30)
            futures = [line.submit(DOUBLE, [each]) for each in (1, 2)]
            with pytest.raises(Refusal, match="busy: 2 requests wait already") as refused:
                line.submit(DOUBLE, [3])
            assert (refused.value.status, refused.value.headers) == (503, {"retry-after": "1"})
            gate.opened.set()
            await asyncio.gather(*futures)
            assert await line.submit(DOUBLE, [3]) == [6]

    run(test)


def test_what_nobody_waits_for_is_not_computed() -> None:
    gate = Gate()

    async def test() -> None:
        with started() as (line, heard):
            line.submit(gate.group, [0])
            left, stays = (line.submit(DOUBLE, [each]) for each in (1, 2))
            left.cancel()
            gate.opened.set()
            assert await stays == [4]
        assert heard.batches == [("gate", 1), ("double", 1)]

    run(test)


def test_an_answer_that_comes_too_late_troubles_nobody() -> None:
    gate = Gate()

    async def test() -> None:
        with started() as (line, _):
            late = line.submit(gate.group, [0])
            assert await asyncio.to_thread(gate.reached.wait, 30)
            late.cancel()
            gate.opened.set()
            assert await line.submit(DOUBLE, [1]) == [2]
        assert late.cancelled()

    run(test)


def test_what_was_accepted_is_computed_before_the_end_and_nothing_after() -> None:
    gate = Gate()

    async def test() -> None:
        with started(delay=1.0) as (line, _):
            line.submit(gate.group, [0])
            futures = [line.submit(DOUBLE, [each]) for each in range(6)]
            gate.opened.set()
            await asyncio.to_thread(line.close)
            answers = await asyncio.gather(*futures)
            assert [each for (each,) in answers] == [0, 2, 4, 6, 8, 10]
            with pytest.raises(Refusal, match="the service is stopping"):
                line.submit(DOUBLE, [1])
            assert not line.alive

    run(test)
