"""A model of somebody else's, plain and accelerated: do they agree, and how long does each take."""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import numpy
import torch
from torch import Tensor, nn

import vartai
from vartai.measure.machine import describe_machine

# Gradients of a whole model may differ by this share of the greatest one before nothing is timed.
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Subject:
    """What a package makes of its own defaults.

    Args:
        package: name on PyPI.
        sizes: of the model and its batch, in words.
        model: what is to be accelerated.
        infer: one pass that keeps no gradients; its outputs.
        train: one whole training step: forward, backward, optimiser; leaves its gradients.
    """

    package: str
    sizes: str
    model: nn.Module
    infer: Callable[[], Tensor]
    train: Callable[[], None]


def trainer(
    model: nn.Module, loss: Callable[[], Tensor], learning_rate: float = 1e-3
) -> Callable[[], None]:
    """A training step with Adam, for packages that leave the step to a framework."""
    optimiser = torch.optim.Adam(model.parameters(), learning_rate)

    def train() -> None:
        model.train()
        optimiser.zero_grad()
        loss().backward()  # type: ignore[no-untyped-call]
        optimiser.step()

    return train


def seed_all() -> None:
    """The same random numbers from here on, wherever a package takes them from."""
    random.seed(0)
    numpy.random.seed(0)
    torch.manual_seed(0)


def difference(one: list[Tensor], other: list[Tensor]) -> float:
    """The greatest difference, as a share of the greatest number in `one`."""
    pairs = zip(one, other, strict=True)
    greatest = max(float(tensor.abs().max()) for tensor in one)
    return max(float((a - b).abs().max()) for a, b in pairs) / max(greatest, 1e-12)


def outputs_of(subject: Subject) -> list[Tensor]:
    """Of one inference pass."""
    seed_all()
    return [subject.infer().detach().clone()]


def gradients_of(subject: Subject) -> list[Tensor]:
    """Of one training step, for every parameter that has one."""
    seed_all()
    subject.train()
    return [p.grad.detach().clone() for p in subject.model.parameters() if p.grad is not None]


def medians(runs: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    """Milliseconds of each, taken in turn until the time is up, seven times at least."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times["plain"]) < 7:
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return {name: 1000 * statistics.median(found) for name, found in times.items()}


def measure(make: Callable[[], Subject], seconds: float) -> dict[str, object]:
    """Compare and time; raises if results differ."""
    seed_all()
    plain = make()
    seed_all()
    fast = make()
    report = vartai.accelerate(fast.model)
    apart = difference(outputs_of(plain), outputs_of(fast))
    gradients_apart = difference(gradients_of(plain), gradients_of(fast))
    if not max(apart, gradients_apart) < TOLERANCE:
        raise SystemExit(f"{plain.package}: differs by {apart:.2g} and {gradients_apart:.2g}")
    return {
        "package": f"{plain.package} {version(plain.package)}",
        "sizes": plain.sizes,
        "swapped": list(report.swapped),
        "left_alone": report.left_alone,
        "outputs_apart": apart,
        "gradients_apart": gradients_apart,
        "infer_ms": medians({"plain": plain.infer, "accelerated": fast.infer}, seconds),
        "train_ms": medians({"plain": plain.train, "accelerated": fast.train}, seconds),
        "machine": describe_machine(),
    }


def run(make: Callable[[], Subject]) -> None:
    """The command line of each script of this folder: prints one line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seconds", type=float, default=5.0, help="of each pair of times")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(json.dumps(measure(make, options.seconds)))
