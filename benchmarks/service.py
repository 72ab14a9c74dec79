"""The service measured: `python -m benchmarks.service --seconds 120 --page`.

A classifier with random weights (LSTM of 128, one direction, a vocabulary of 2,000) is served by a
process of its own on the loopback address; clients are coroutines of this process over plain
sockets. Every answer is compared with what the model says in this process.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.pages import write_sections
from vartai.bundle.trained import save_task
from vartai.measure.machine import describe_load, describe_machine
from vartai.serve.service.line import Group, Line
from vartai.serve.service.tasks import VERBS
from vartai.stream.opening import open_live, stream_of
from vartai.tasks.classify.build import build_classifier
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.tasks.classify.task import ClassifyTask
from vartai.text.options import TextOptions
from vartai.text.tokenizer import train_tokenizer

PAGE = Path("docs/results/live.md")
WORDS = [f"word{place}" for place in range(2000)]
CONNECTIONS = 64
SESSIONS = 1000


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


def build_task() -> ClassifyTask:
    """A classifier of a usual size."""
    torch.manual_seed(0)
    text = TextOptions(unit="word", min_frequency=1, vocabulary_size=2100)
    model = ClassifierOptions(bidirectional=False, hidden_size=128, embedding_size=128)
    tokenizer = train_tokenizer([" ".join(WORDS)], text)
    network = build_classifier(
        model, vocabulary_size=tokenizer.size, unknown_id=1, classes=3, affixes=text.affixes
    )
    config = ClassifyConfig(text=text, model=model)
    return ClassifyTask(config, ("bad", "good", "ugly"), tokenizer, network.eval())


def draw_texts(count: int, *, seed: int) -> list[str]:
    """Texts of 5 to 30 words."""
    drawn = random.Random(seed)
    return [" ".join(drawn.choices(WORDS, k=drawn.randint(5, 30))) for _ in range(count)]


class Ignore:
    """Hears of batches."""

    def computed(self, group: str, inputs: int, seconds: float) -> None:
        """Nothing."""


async def queue_rate(task: ClassifyTask, texts: Sequence[str], *, most: int) -> float:
    """Texts a second at the model's queue, all there at once."""
    line = Line(delay=0.0, bound=len(texts), watcher=Ignore())
    group = Group("predict", lambda inputs: VERBS["classify"].compute(task, inputs), most)
    line.start()
    begun = time.perf_counter()
    await asyncio.gather(*[line.submit(group, [text]) for text in texts])
    seconds = time.perf_counter() - begun
    await asyncio.to_thread(line.close)
    return len(texts) / seconds


class Connection:
    """One client: requests of JSON over a connection that is kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: Any = None, *, leave: bool = False) -> Any:
        """The answer's JSON with its status; with `leave`, none: the connection is cut at once."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        raw = b"" if body is None else json.dumps(body).encode()
        self._writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(raw)}\r\n\r\n".encode()
            + raw
        )
        if leave:
            await self._writer.drain()
            self.close()
            return None
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0] or 0)
        answer = await self._reader.readexactly(length)
        return int(head.split()[1]), json.loads(answer) if answer else None

    def close(self) -> None:
        """Hang up, whatever is under way."""
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None


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
    """`SESSIONS` sessions stepped in turn for a time, all compared bit for bit with solo runs.

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
        for stream, fragment, (status, said) in zip(solo, fragments, answers, strict=True):
            alone = stream.push(fragment)
            right = status == 200 and said["probabilities"] == dict(alone.probabilities)
            wrong += not (right and said["tokens"] == stream.tokens)
        rounds += 1
        memory.append(resident(process))
    for connection in connections:
        connection.close()
    return _found(times, spent, wrong), rounds, memory


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
) -> tuple[Found, int, list[float]]:
    """Full load while one request in twenty is left, and one in fifty makes a session of a step.

    Returns:
        What was measured, requests that were left, and resident megabytes before and after.
    """
    await load(port, texts, expected, seconds=min(5.0, seconds))
    memory = [resident(process)]
    times: list[float] = []
    wrong = left = 0
    until = time.perf_counter() + seconds

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

    begun = time.perf_counter()
    await asyncio.gather(*map(client, range(CONNECTIONS)))
    spent = time.perf_counter() - begun
    memory.append(resident(process))
    return _found(times, spent, wrong), left, memory


def measure(seconds: float) -> str:
    """Measure all, for a little more than twice so long; the section of the page."""
    torch.set_num_threads(1)
    task = build_task()
    texts = draw_texts(2000, seed=1)
    busy = describe_load()
    lines = [
        *measure_queue(task, texts),
        "",
        f"| over HTTP, {CONNECTIONS} clients | requests/s | p50 ms | p99 ms | wrong |",
        "|---|---:|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "classifier"
        save_task(folder, "classify", task, metrics={}, card="# Random weights\n")
        rows, told = measure_served(folder, task, texts, seconds)
    machine = f"Clients and service share one machine: {describe_machine()}."
    notes = [machine] if busy is None else [machine, f"When it began, {busy}."]
    command = f"`python -m benchmarks.service --seconds {seconds:g} --page`"
    return "\n".join([*lines, *rows, "", *told, "", *notes, "", command])


def measure_queue(task: ClassifyTask, texts: Sequence[str]) -> list[str]:
    """Batches against one at a time, without HTTP, in turns."""
    rates: dict[int, list[float]] = {1: [], 64: []}
    for _ in range(3):
        for most, found in rates.items():
            found.append(asyncio.run(queue_rate(task, texts, most=most)))
    one, many = (float(np.median(found)) for found in rates.values())
    ratios = [f"{many / one:.1f}" for one, many in zip(*rates.values(), strict=True)]
    return [
        f"**Dynamic batching at the model's queue**: {many:,.0f} texts/s in batches of 64 against "
        f"{one:,.0f} one at a time, {many / one:.1f}× (three turns: {', '.join(ratios)})."
    ]


def measure_served(
    folder: Path, task: ClassifyTask, texts: Sequence[str], seconds: float
) -> tuple[list[str], list[str]]:
    """Rows of the table, and what is told of memory."""
    expected = expected_predictions(task, texts)
    rows = []
    for batch in (1, 64):
        with serving(folder, "--batch", str(batch)) as (port, _):
            asyncio.run(load(port, texts, expected, seconds=1))
            found = asyncio.run(load(port, texts, expected, seconds=seconds / 6))
        rows.append(_row(f"predictions, batches of at most {batch}", found))
    with serving(folder) as (port, process):
        found, rounds, memory = asyncio.run(sessions(port, task, process, seconds=seconds))
    rows.append(_row(f"{SESSIONS:,} sessions, {rounds} steps each", found))
    told = [
        f"All {rounds * SESSIONS:,} steps were compared with streams in Python, bit for bit "
        f"(*wrong*). Resident memory: {memory[0]:.0f} MB with all sessions open, "
        f"{memory[len(memory) // 2]:.0f} MB half way, {memory[-1]:.0f} MB at the end."
    ]
    with serving(folder) as (port, process):
        found, left, memory = asyncio.run(soak(port, texts, expected, process, seconds=seconds))
    rows.append(_row(f"soak of {seconds:g} s", found))
    told.append(
        f"In the soak {left:,} requests were left by their clients at random. Resident memory: "
        f"{memory[0]:.0f} MB after a few seconds of load, {memory[1]:.0f} MB at the end."
    )
    return rows, told


def _row(name: str, found: Found) -> str:
    return f"| {name} | {found.rate:,.0f} | {found.p50:.1f} | {found.p99:.1f} | {found.wrong} |"


def main() -> None:
    """Measure, print, and write the section of the page if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args()
    section = measure(asked.seconds)
    print(section)
    if asked.page:
        write_sections(PAGE, {"service": section})


if __name__ == "__main__":
    main()
