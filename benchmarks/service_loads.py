"""What is asked of a service to measure it: full load, many sessions, clients that go away.

Clients are coroutines of this process over plain sockets. Every answer is compared with what the
model says in this process.
"""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.service_client import WORDS, Connection
from vartai.stream.opening import open_live, stream_of
from vartai.stream.stream import push_together
from vartai.tasks.classify.task import ClassifyTask

CONNECTIONS = 64
SESSIONS = 1000
ALONE = 100
"""Streams that they are compared with and that are stepped one by one."""
MANY = 10_000
"""Sessions that are opened at once, as many as the service keeps if nothing else is said."""
KILLED = 2
"""Processes of clients beside the soak; one of them is killed every `BETWEEN` seconds."""
BETWEEN = 2.0
WARM = 30.0
"""Seconds of the soak before its measurement begins."""
FORGOTTEN = 10
"""Seconds after which a service that is soaked forgets the sessions of clients that were killed."""


@dataclass(frozen=True)
class Found:
    """What one run over HTTP measured.

    Args:
        rate: requests a second.
        p50: milliseconds.
        p99: milliseconds.
        wrong: answers that were not the expected ones, or errors.
    """

    rate: float
    p50: float
    p99: float
    wrong: int


def draw_texts(count: int, *, seed: int) -> list[str]:
    """Texts of 5 to 30 words."""
    drawn = random.Random(seed)
    return [" ".join(drawn.choices(WORDS, k=drawn.randint(5, 30))) for _ in range(count)]


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """A service of its own process: its port, and the process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "vartai", "serve", str(folder), "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline().strip().strip("/").rpartition(":")[2]), process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def resident(process: subprocess.Popen[str]) -> float:
    """Megabytes of memory that a process holds."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def expected_predictions(task: ClassifyTask, texts: Sequence[str]) -> list[dict[str, float]]:
    """Probabilities of each text, as no service computed them."""
    return [dict(zip(task.labels, row.tolist(), strict=True)) for row in task.probabilities(texts)]


def is_right(answer: Any, expected: dict[str, float]) -> bool:
    """Whether an answer is the prediction of its own text."""
    if answer[0] != 200:
        return False
    found = answer[1]["output"]["probabilities"]
    return all(abs(found[label] - share) < 2e-6 for label, share in expected.items())


async def load(
    port: int, texts: Sequence[str], expected: Sequence[dict[str, float]], *, seconds: float
) -> Found:
    """Predictions asked by `CONNECTIONS` clients, each its next as soon as it has its last."""
    times: list[float] = []
    wrong = 0
    until = time.perf_counter() + seconds

    async def client(number: int) -> None:
        nonlocal wrong
        drawn, connection = random.Random(number), Connection(port)
        while time.perf_counter() < until:
            place = drawn.randrange(len(texts))
            begun = time.perf_counter()
            answer = await connection.ask("POST", "/v1/predict", {"input": texts[place]})
            times.append(time.perf_counter() - begun)
            wrong += not is_right(answer, expected[place])
        connection.close()

    begun = time.perf_counter()
    await asyncio.gather(*map(client, range(CONNECTIONS)))
    return _found(times, time.perf_counter() - begun, wrong)


def _found(times: Sequence[float], seconds: float, wrong: int) -> Found:
    p50, p99 = (1000 * float(np.quantile(times, share)) for share in (0.5, 0.99))
    return Found(len(times) / seconds, p50, p99, wrong)


async def sessions(
    port: int, task: ClassifyTask, process: subprocess.Popen[str], *, seconds: float
) -> tuple[Found, int, list[float]]:
    """`SESSIONS` sessions stepped in turn for a time, all compared bit for bit with streams here.

    The first `ALONE` of these are stepped one by one, the others together, which is quicker.

    Returns:
        What was measured, steps of each, and resident megabytes before and after each.
    """
    live = open_live("classify", task)
    solo = [stream_of(live) for _ in range(SESSIONS)]
    first = Connection(port)
    names = []
    for _ in range(SESSIONS):
        names.append((await first.ask("POST", "/v1/sessions", {}))[1]["session"])
    first.close()
    times: list[float] = []
    memory, wrong, rounds = [resident(process)], 0, 0
    connections = [Connection(port) for _ in range(CONNECTIONS)]
    spent = 0.0
    while spent < seconds:
        fragments = [f"{text} " for text in draw_texts(SESSIONS, seed=rounds)]
        answers: list[Any] = [None] * SESSIONS

        begun = time.perf_counter()
        await asyncio.gather(
            *[
                _step_some(
                    connection,
                    names[mine::CONNECTIONS],
                    fragments[mine::CONNECTIONS],
                    into=(answers, mine),
                    times=times,
                )
                for mine, connection in enumerate(connections)
            ]
        )
        spent += time.perf_counter() - begun
        here = [stream.push(own) for stream, own in zip(solo[:ALONE], fragments, strict=False)]
        here += push_together(solo[ALONE:], fragments[ALONE:])
        for stream, alone, (status, said) in zip(solo, here, answers, strict=True):
            right = status == 200 and said["probabilities"] == dict(alone.probabilities)
            wrong += not (right and said["tokens"] == stream.tokens)
        rounds += 1
        memory.append(resident(process))
    for connection in connections:
        connection.close()
    return _found(times, spent, wrong), rounds, memory


async def many_sessions(port: int, process: subprocess.Popen[str]) -> tuple[int, list[float]]:
    """`MANY` sessions opened, every tenth stepped once, then a hundred more than are kept.

    Returns:
        Answers that were not the expected ones; resident megabytes with none, with all of them,
        and after the last.
    """
    memory, wrong = [resident(process)], 0
    names: list[str] = []

    async def client(count: int) -> None:
        nonlocal wrong
        connection = Connection(port)
        for place in range(count):
            opened = await connection.ask("POST", "/v1/sessions", {})
            wrong += opened[0] != 201
            path = f"/v1/sessions/{opened[1]['session']}"
            names.append(path)
            if place % 10 == 0:
                stepped = await connection.ask("POST", f"{path}/step", {"input": "word1 word2 "})
                wrong += stepped[0] != 200
        connection.close()

    await asyncio.gather(*[client(MANY // CONNECTIONS + 1) for _ in range(CONNECTIONS)])
    memory.append(resident(process))
    await client(100)
    memory.append(resident(process))
    connection = Connection(port)
    for path in [each for place, each in enumerate(names) if place % 10][:20]:
        wrong += (await connection.ask("GET", path))[0] != 410
    for path in names[-20:]:
        wrong += (await connection.ask("GET", path))[0] != 200
    connection.close()
    return wrong, memory


async def _step_some(
    connection: Connection,
    names: Sequence[str],
    fragments: Sequence[str],
    *,
    into: tuple[list[Any], int],
    times: list[float],
) -> None:
    """One client steps its sessions, one after another."""
    answers, first = into
    for place, (name, fragment) in enumerate(zip(names, fragments, strict=True)):
        begun = time.perf_counter()
        path = f"/v1/sessions/{name}/step"
        answers[first + place * CONNECTIONS] = await connection.ask(
            "POST", path, {"input": fragment}
        )
        times.append(time.perf_counter() - begun)


async def soak(
    port: int,
    texts: Sequence[str],
    expected: Sequence[dict[str, float]],
    process: subprocess.Popen[str],
    *,
    seconds: float,
) -> tuple[Found, tuple[int, int], list[float]]:
    """Full load while clients go away in the middle of what they asked.

    One request in twenty is left, one in fifty makes a session of a step, and processes of clients
    are killed at random (SIGKILL), whatever they are waiting for; theirs are the sessions that
    nobody ends.

    Returns:
        What was measured; requests that were left, and processes that were killed; resident
        megabytes after a while of the same load, at the end, and when all was forgotten.
    """
    memory: list[float] = []
    times: list[float] = []
    wrong = left = 0
    until = 0.0

    async def client(number: int) -> None:
        nonlocal wrong, left
        drawn, connection = random.Random(1000 + number), Connection(port)
        while time.perf_counter() < until:
            place = drawn.randrange(len(texts))
            leave = drawn.random() < 0.05
            begun = time.perf_counter()
            if drawn.random() < 0.02:
                opened = await connection.ask("POST", "/v1/sessions", {})
                path = f"/v1/sessions/{opened[1]['session']}"
                step = await connection.ask("POST", f"{path}/step", {"input": texts[place]})
                ended = await connection.ask("DELETE", path)
                wrong += (opened[0], step[0], ended[0]) != (201, 200, 204)
                continue
            answer = await connection.ask(
                "POST", "/v1/predict", {"input": texts[place]}, leave=leave
            )
            if leave:
                left += 1
                continue
            times.append(time.perf_counter() - begun)
            wrong += not is_right(answer, expected[place])
        connection.close()

    for length in (WARM, seconds):
        times.clear()
        left = 0
        begun = time.perf_counter()
        until = begun + length
        killing = asyncio.create_task(kill_clients(port, until))
        await asyncio.gather(*map(client, range(CONNECTIONS)))
        spent = time.perf_counter() - begun
        killed = await killing
        memory.append(resident(process))
    # Until the sessions of the killed are forgotten.
    await asyncio.sleep(FORGOTTEN + 2)
    memory.append(resident(process))
    return _found(times, spent, wrong), (left, killed), memory


async def kill_clients(port: int, until: float) -> int:
    """Processes of clients that come and are killed until a time; how many were."""
    drawn, running, killed = random.Random(7), [], 0
    try:
        while time.perf_counter() < until:
            while len(running) < KILLED:
                command = ["-m", "benchmarks.service_client", str(port), str(killed)]
                running.append(await asyncio.create_subprocess_exec(sys.executable, *command))
            await asyncio.sleep(BETWEEN * drawn.random() * 2)
            victim = running.pop(drawn.randrange(len(running)))
            # One that has ended by itself met a fault.
            assert victim.returncode is None
            victim.kill()
            await victim.wait()
            killed += 1
    finally:
        for each in running:
            each.kill()
            await each.wait()
    return killed
