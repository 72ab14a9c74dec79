"""The service measured: `python -m benchmarks.service speed --page`; then `sessions`, `soak`.

A classifier with random weights (LSTM of 128, one direction, a vocabulary of 2,000) is served by a
process of its own on the loopback address; `benchmarks.service_loads` says what is asked of it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from benchmarks.pages import write_sections
from benchmarks.service_client import TOGETHER, WORDS
from benchmarks.service_loads import (
    ALONE,
    CONNECTIONS,
    FORGOTTEN,
    MANY,
    SESSIONS,
    WARM,
    Found,
    draw_texts,
    expected_predictions,
    load,
    many_sessions,
    serving,
    sessions,
    soak,
)
from vartai.bundle.trained import save_task
from vartai.measure.machine import describe_load, describe_machine
from vartai.serve.service.line import Group, Line
from vartai.serve.service.tasks import VERBS
from vartai.tasks.classify.build import build_classifier
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.tasks.classify.task import ClassifyTask
from vartai.text.options import TextOptions
from vartai.text.tokenizer import train_tokenizer

PAGE = Path("docs/results/live.md")


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


@dataclass(frozen=True)
class Lengths:
    """Seconds of each part.

    Args:
        load: of predictions, for each size of batches.
        sessions: of steps.
        soak: of the soak.
    """

    load: float
    sessions: float
    soak: float


HEAD = [
    f"| over HTTP, {CONNECTIONS} clients | requests/s | p50 ms | p99 ms | wrong |",
    "|---|---:|---:|---:|---:|",
]


def measure_speed(folder: Path, task: ClassifyTask, lengths: Lengths) -> list[str]:
    """What batches bring, at the queue and over HTTP."""
    texts = draw_texts(2000, seed=1)
    expected = expected_predictions(task, texts)
    rows = []
    for batch in (1, 64):
        with serving(folder, "--batch", str(batch)) as (port, _):
            asyncio.run(load(port, texts, expected, seconds=1))
            found = asyncio.run(load(port, texts, expected, seconds=lengths.load))
        rows.append(_row(f"predictions, batches of at most {batch}", found))
    return [*measure_queue(task, texts), "", *HEAD, *rows]


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


def measure_soak(folder: Path, task: ClassifyTask, lengths: Lengths) -> list[str]:
    """Full load, and clients that go away."""
    texts = draw_texts(2000, seed=1)
    expected = expected_predictions(task, texts)
    with serving(folder, "--session-ttl", str(FORGOTTEN)) as (port, process):
        found, (left, killed), memory = asyncio.run(
            soak(port, texts, expected, process, seconds=lengths.soak)
        )
    said = (
        f"In the soak {left:,} requests were left by their clients at random, and {killed:,} "
        f"processes of {TOGETHER} clients were killed (SIGKILL) in the middle of theirs. Resident "
        f"memory: {memory[0]:.0f} MB after {WARM:g} seconds of the same, {memory[1]:.0f} MB at the "
        f"end, {memory[2]:.0f} MB when nothing was left to do."
    )
    return [*HEAD, _row(f"soak of {lengths.soak:g} s", found), "", said]


def measure_sessions(folder: Path, task: ClassifyTask, lengths: Lengths) -> list[str]:
    """Sessions that are stepped for long, and many of them."""
    seconds = lengths.sessions
    with serving(folder) as (port, process):
        found, rounds, memory = asyncio.run(sessions(port, task, process, seconds=seconds))
    places = sorted({0, 1, rounds // 4, rounds // 2, rounds * 3 // 4, rounds})
    course = ", ".join(f"{memory[place]:.0f}" for place in places)
    told = [
        f"All {rounds * SESSIONS:,} steps were compared bit for bit (*wrong*) with streams in "
        f"Python, {ALONE} of them stepped one by one, the others together. "
        f"Resident memory over {seconds:,.0f} s, in MB: {course} (with all sessions "
        "open, after the first step of each, at a quarter, half and three quarters, at the end)."
    ]
    with serving(folder) as (port, process):
        wrong, many = asyncio.run(many_sessions(port, process))
    told.append(
        f"{MANY:,} sessions kept at once: {many[0]:.0f} MB without any, {many[1]:.0f} MB with all, "
        f"{many[2]:.0f} MB after 100 more, for which the longest idle ones made room and whose "
        f"clients are told so; {wrong} wrong answers."
    )
    return [*HEAD, _row(f"{SESSIONS:,} sessions, {rounds} steps each", found), "", *told]


def _row(name: str, found: Found) -> str:
    return f"| {name} | {found.rate:,.0f} | {found.p50:.1f} | {found.p99:.1f} | {found.wrong} |"


PARTS = {"speed": measure_speed, "sessions": measure_sessions, "soak": measure_soak}


def measure(part: str, lengths: Lengths) -> str:
    """Measure a part; the section of the page."""
    torch.set_num_threads(1)
    task = build_task()
    busy = describe_load()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "classifier"
        save_task(folder, "classify", task, metrics={}, card="# Random weights\n")
        lines = PARTS[part](folder, task, lengths)
    notes = [
        f"Clients and service share one machine: {describe_machine()}.",
        *([] if busy is None else [f"When it began, {busy}."]),
        f"Load average at the end: {os.getloadavg()[0]:.1f}, some 2 of it its own.",
    ]
    command = f"`python -m benchmarks.service {part}"
    command += (
        "".join(f" --{name} {value:g}" for name, value in asdict(lengths).items()) + " --page`"
    )
    return "\n".join([*lines, "", " ".join(notes), "", command])


def main() -> None:
    """Measure, print, and write the section of the page if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=sorted(PARTS))
    parser.add_argument("--load", type=float, default=20.0, help="seconds for each size of batch")
    parser.add_argument("--sessions", type=float, default=600.0, help="seconds of sessions")
    parser.add_argument("--soak", type=float, default=120.0, help="seconds of the soak")
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args()
    section = measure(asked.part, Lengths(asked.load, asked.sessions, asked.soak))
    print(section)
    if asked.page:
        write_sections(PAGE, {f"service {asked.part}": section})


if __name__ == "__main__":
    main()
