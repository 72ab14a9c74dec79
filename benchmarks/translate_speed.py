"""Training and beam decoding of one translator, beside the same model written well in plain torch.

Both have the same weights and read the same batches in turns, in one process; what they compute is
compared first, and where it differs nothing is timed. Ratios are medians of rounds with 95 %
intervals of the sign test. Decoding needs a model that has learned something, or all sentences run
to their limit: give one that `vartai train translate` made.

    VARTAI_DATA=… python -m benchmarks.translate_speed MODEL [--seconds 30] [--part train|beam]
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.plain_translator import PlainTranslator
from benchmarks.public_data import data_folder
from vartai.bundle.trained import load_task
from vartai.data.batches import plan_epoch, plan_in_order
from vartai.data.parallel import read_parallel
from vartai.measure.machine import describe_machine
from vartai.measure.ratios import LEAST_ROUNDS, paired_ratio
from vartai.models.encoder_decoder import EncoderDecoder
from vartai.tasks.translate.problem import PairStore
from vartai.tasks.translate.task import TranslateTask
from vartai.tasks.translate.writing import limit_of, write_translations
from vartai.training.adam import Adam

PAIRS, SENTENCES, RATE = 3_000, 64, 1e-3
Step = Callable[[np.ndarray], None]


def plain(task: TranslateTask, *, packed: bool) -> PlainTranslator:
    """The peer of a translator."""
    options = task.config.model
    peer = PlainTranslator(
        options.cell,
        task.target.size,
        options.embedding_size,
        options.hidden_size,
        dropout=options.layer_dropout,
        embedding_dropout=options.embedding_dropout,
        packed=packed,
    )
    peer.take(task.model)
    return peer


def own_step(model: EncoderDecoder, store: PairStore, smoothing: float) -> Step:
    """A step of training as `vartai train translate` takes it."""
    optimiser = Adam(model.train(), weight_decay=0.0)

    def step(chosen: np.ndarray) -> None:
        found = model(store.source.batch(chosen), store.target.batch(chosen), smoothing=smoothing)
        (found.total / store.units(chosen)).backward()
        optimiser.clip(1.0)
        optimiser.step(RATE)
        optimiser.clear()

    return step


def plain_step(model: PlainTranslator, store: PairStore, smoothing: float) -> Step:
    """The same step in plain torch."""
    optimiser = torch.optim.AdamW(model.train().parameters(), lr=RATE, weight_decay=0, fused=True)

    def step(chosen: np.ndarray) -> None:
        optimiser.zero_grad()
        total = model(store.source.batch(chosen), store.target.batch(chosen), smoothing)
        (total / store.units(chosen)).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    return step


def require_same_loss(task: TranslateTask, peers: list[PlainTranslator], store: PairStore) -> None:
    """Stop unless all models give the same loss."""
    chosen = np.arange(40)
    source, target = store.source.batch(chosen), store.target.batch(chosen)
    task.model.eval()
    with torch.no_grad():
        own = float(task.model(source, target, smoothing=0.1).total)
        for peer in peers:
            other = float(peer.eval()(source, target, 0.1))
            if abs(own - other) > 1e-4 * abs(own):
                raise SystemExit(f"losses differ: {own} and {other}")


def time_training(task: TranslateTask, store: PairStore, seconds: float) -> dict[str, list[float]]:
    """Seconds of a step by entrant, round by round, each round on a batch of its own."""
    peers = {"torch padded": plain(task, packed=False), "torch packed": plain(task, packed=True)}
    require_same_loss(task, list(peers.values()), store)
    smoothing = task.config.training.label_smoothing
    steps = {name: plain_step(peer, store, smoothing) for name, peer in peers.items()}
    steps["vartai"] = own_step(task.model, store, smoothing)
    batches = plan_epoch(store.lengths, batch_tokens=6_000, batch_size=64, seed=1, epoch=0)
    for step in steps.values():
        step(batches[0])
    return take_rounds(
        {name: (lambda n, s=step: s(batches[n % len(batches)])) for name, step in steps.items()},
        seconds,
    )


def time_beam(task: TranslateTask, store: PairStore, seconds: float) -> dict[str, list[float]]:
    """Seconds of a batch of sentences by entrant, round by round."""
    peer = plain(task, packed=False).eval()
    task.model.eval()
    writing = task.config.writing
    size = max(1, SENTENCES // writing.beam) * writing.beam
    batches = plan_in_order(store.source.lengths, batch_tokens=8_000, batch_size=size)

    def own(number: int) -> list[list[int]]:
        chosen = batches[number % len(batches)]
        sources = [store.source.batch(np.array([place])).data.numpy() for place in chosen]
        found = write_translations(task.model, sources, writing)
        return [list(one[0].ids) for one in found]

    def other(number: int) -> list[list[int]]:
        source = store.source.batch(batches[number % len(batches)])
        limits = torch.tensor([limit_of(int(length), writing) for length in source.lengths])
        return peer.search(
            source, beam=writing.beam, length_penalty=writing.length_penalty, limits=limits
        )

    same = [
        one == two
        for number in range(len(batches))
        for one, two in zip(own(number), other(number), strict=True)
    ]
    if np.mean(same) < 0.98:  # rounding decides a few ties
        raise SystemExit(f"translations differ: only {np.mean(same):.1%} are the same")
    print(f"{np.mean(same):.1%} of {len(same)} translations are the same")
    return take_rounds({"torch padded": other, "vartai": own}, seconds)


def take_rounds(
    works: dict[str, Callable[[int], object]], seconds: float
) -> dict[str, list[float]]:
    """All works once a round, in changing order."""
    times: dict[str, list[float]] = {name: [] for name in works}
    order, shuffle = list(works), random.Random(0).shuffle
    end, number = time.perf_counter() + seconds, 0
    while number < LEAST_ROUNDS or time.perf_counter() < end:
        shuffle(order)
        for name in order:
            began = time.perf_counter()
            works[name](number)
            times[name].append(time.perf_counter() - began)
        number += 1
    return times


def main() -> None:
    """Time what was asked for and print ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--part", choices=("train", "beam"), default="train")
    parser.add_argument("--pairs", type=int, default=0)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    task: TranslateTask = load_task(asked.model).task
    folder = data_folder() / "multi30k"
    name = "train" if asked.part == "train" else "test_2016_flickr"
    files = [str(folder / f"{name}.{side}.gz") for side in ("en", "de")]
    pairs, _, _ = read_parallel(files, task.config.pairs)
    pairs = pairs.take(range(min(len(pairs), asked.pairs or PAIRS)))
    store = task.store(pairs.sources, pairs.targets)
    timed = time_training if asked.part == "train" else time_beam
    times = timed(task, store, asked.seconds)
    print(json.dumps({"machine": describe_machine(), "part": asked.part}, default=str))
    for peer in times:
        if peer != "vartai":
            ratio = paired_ratio(times[peer], times["vartai"])
            print(
                f"{peer}: {np.median(times[peer]):.3f} s, vartai {np.median(times['vartai']):.3f} "
                f"s; {ratio.value:.2f}x ({ratio.low:.2f} to {ratio.high:.2f}), "
                f"{len(times[peer])} rounds"
            )


if __name__ == "__main__":
    main()
