"""How fast a language model is stepped in Python, beside the same model in plain torch.

A step is all that happens between one token and the next: its vector, the recurrent layer, the
scores of every token, their log-softmax. The peer is that model as one writes it well in torch:
`nn.Embedding`, `nn.LSTMCell` (or `nn.GRUCell`), `nn.Linear`, `log_softmax`, in inference mode, the
id as a tensor made once. Both do 20 steps a turn and take turns in one process; ratios have 95 %
confidence intervals. Then what many streams cost that are stepped together, a token each, and the
same streams one after another; and what a stream holds that has read for long.

    python -m benchmarks.stream_speed --threads 1
    python -m benchmarks.stream_speed --threads 1 --write     # also to docs/results/live.md
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.language_model_speed import EMBEDDING, build_task
from benchmarks.pages import write_sections
from vartai.measure.machine import describe_machine
from vartai.measure.ratios import Ratio, paired_ratio
from vartai.measure.turns import Work, take_turns
from vartai.stream.language_stream import LanguageStream
from vartai.stream.opening import open_stream, stream_of
from vartai.stream.stream import push_together

STEPS, TOGETHER = 20, 64
PAGE = Path(__file__).parents[1] / "docs" / "results" / "live.md"


def our_steps(stream: LanguageStream) -> Work:
    """Steps of a stream."""
    ids = np.random.default_rng(0).integers(2, stream.model.tokenizer.size, STEPS).tolist()

    def run() -> None:
        for token in ids:
            stream.step(token)

    return run


def their_steps(cell: str, hidden: int, size: int) -> Work:
    """Steps of a model of torch's modules."""
    embedding, output = nn.Embedding(size, EMBEDDING), nn.Linear(hidden, size)
    kind = {"lstm": nn.LSTMCell, "gru": nn.GRUCell}[cell](EMBEDDING, hidden)
    ids = [torch.tensor([int(i)]) for i in np.random.default_rng(0).integers(2, size, STEPS)]

    @torch.inference_mode()
    def run() -> None:
        state = None
        for token in ids:
            state = kind(embedding(token), state)
            rows = state[0] if isinstance(state, tuple) else state
            torch.log_softmax(output(rows), 1)

    return run


def together(stream: LanguageStream) -> dict[str, Work]:
    """A token to each of many streams, as one batch and one after another."""
    streams = [stream_of(stream.model) for _ in range(TOGETHER)]
    tokens = [[2 + place % 60] for place in range(TOGETHER)]

    def batch() -> None:
        push_together(streams, tokens)

    def alone() -> None:
        for own, token in zip(streams, tokens, strict=True):
            own.push(token)

    return {"batch": batch, "alone": alone}


def measure(cell: str, hidden: int, *, seconds: float) -> list[str]:
    """Rows of both tables for one model."""
    stream = open_stream("generate", build_task(cell, hidden))
    assert isinstance(stream, LanguageStream)
    size = stream.model.tokenizer.size
    works = {"ours": our_steps(stream), "theirs": their_steps(cell, hidden, size)}
    times = take_turns(works, seconds=seconds / 2)
    ratio = paired_ratio(times["theirs"], times["ours"])
    ours, theirs = (1e6 * float(np.median(times[name])) / STEPS for name in ("ours", "theirs"))
    step = f"| {cell.upper()} | {hidden} | {theirs:.1f} µs | {ours:.1f} µs | {said(ratio)} |"
    many = take_turns(together(stream), seconds=seconds / 2)
    gain = paired_ratio(many["alone"], many["batch"])
    each, alone = (1e6 * float(np.median(many[name])) / TOGETHER for name in ("batch", "alone"))
    return [step, f"| {cell.upper()} | {hidden} | {alone:.1f} µs | {each:.1f} µs | {said(gain)} |"]


def resident() -> float:
    """MB of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def endless(tokens: int) -> str:
    """A sentence: what a stream holds at its beginning and its end."""
    stream = open_stream("generate", build_task("lstm", 128))
    text = "SOME TEXT, (1) " * 10
    stream.push(text)
    before, bytes_before = resident(), len(stream.state.to_bytes())
    while stream.tokens < tokens:
        stream.push(text)
    after, bytes_after = resident(), len(stream.state.to_bytes())
    return (
        f"One stream of {tokens:,} tokens (LSTM, 128 units, pushed as text): the process held "
        f"{before:.1f} MB after the first 150 tokens and {after:.1f} MB at the end; the state "
        f"was {bytes_before:,} bytes and {bytes_after:,}."
    )


def said(ratio: Ratio) -> str:
    """A ratio with its interval."""
    return f"{ratio.value:.2f} ({ratio.low:.2f}–{ratio.high:.2f})"


def main() -> None:
    """Measure, print, and on request write to the page."""
    parser = argparse.ArgumentParser(description="Streams of language models beside plain torch.")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0, help="a model")
    parser.add_argument("--tokens", type=int, default=200_000, help="of the endless text")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    torch.manual_seed(0)
    rows = [
        measure(cell, hidden, seconds=asked.seconds)
        for cell, hidden in (("lstm", 128), ("gru", 128), ("lstm", 512))
    ]
    head = "|---|---:|---:|---:|---|"
    text = "\n".join(
        [
            f"{describe_machine()}; load average {os.getloadavg()[0]:.1f} at the end.",
            "",
            "| cell | hidden size | torch, a step | Vartai, a step | ratio (95 % interval) |",
            head,
            *[row[0] for row in rows],
            "",
            f"| cell | hidden size | alone, a token | {TOGETHER} together, a token | gain |",
            head,
            *[row[1] for row in rows],
            "",
            endless(asked.tokens),
        ]
    )
    print(text)
    if asked.write:
        write_sections(PAGE, {"streams": text})


if __name__ == "__main__":
    main()
