"""Many runs of the measurements of Grid LSTM, some at once, each a process of one thread.

    VARTAI_DATA=… python -m benchmarks.grid_plans addition memorization --jobs 14 --time 400
        --runs FOLDER [--device cuda]

Every run stops when its seconds are over, if it has not ended before, and goes on when the same
command is given again. Runs begin in the order of the plans, seed by seed.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

Arguments = tuple[str, ...]


def algorithm(
    task: str, size: int, parameters: int, models: Sequence[tuple[str, int]], options: str
) -> list[Arguments]:
    """A run for each model and depth."""
    common = ("grid_algorithms", "--task", task, "--size", str(size), *options.split())
    return [
        (*common, "--parameters", str(parameters), "--model", model, "--layers", str(layers))
        for model, layers in models
    ]


def others(script: str, models: Sequence[tuple[str, int]], options: str) -> list[Arguments]:
    """A run of another script for each model and depth."""
    return [
        (script, *options.split(), "--model", model, "--layers", str(layers))
        for model, layers in models
    ]


DIGITS: Final = "--parameters 330000 --batch 128 --epochs 16 --rate 4e-3"
PLANS: Final[dict[str, list[Arguments]]] = {
    "addition-2": algorithm(
        "addition",
        2,
        20_000,
        [("grid tied", 6), ("stack", 2), ("stack", 1), ("stack tied", 6), ("grid", 3)],
        "--batch 32 --rate 5e-3 --updates 5000 --every 100",
    ),
    "addition": algorithm(
        "addition",
        3,
        40_000,
        [("grid tied", 6), ("stack", 2)],
        "--batch 32 --rate 5e-3",
    ),
    "addition-falling": algorithm(
        "addition",
        3,
        40_000,
        [("grid tied", 6), ("stack", 2), ("stack tied", 6), ("stack", 1)],
        "--batch 32 --rate 5e-3 --falling 4000 --updates 12000",
    ),
    # The stack with as many minutes as the grid has, in place of as many questions.
    "addition-falling-longer": algorithm(
        "addition",
        3,
        40_000,
        [("stack", 2)],
        "--batch 32 --rate 5e-3 --falling 17000 --updates 52000",
    ),
    "addition-depths": algorithm(
        "addition",
        3,
        40_000,
        [
            ("stack", 1),
            ("stack tied", 6),
            ("grid tied", 2),
            ("grid", 3),
            ("stack", 4),
            ("grid tied", 12),
        ],
        "--batch 32 --rate 5e-3",
    ),
    "addition-rates": [
        arguments
        for rate in ("2e-3", "1e-3")
        for arguments in algorithm(
            "addition", 3, 40_000, [("stack", 2)], f"--batch 32 --rate {rate}"
        )
    ],
    "addition-5": algorithm(
        "addition",
        5,
        60_000,
        [("grid tied", 6), ("stack", 2)],
        "--batch 32 --rate 5e-3 --falling 6000 --updates 20000",
    ),
    # The stack with about as many minutes as the grid has, in place of as many questions.
    "addition-5-longer": algorithm(
        "addition",
        5,
        60_000,
        [("stack", 2)],
        "--batch 32 --rate 5e-3 --falling 30000 --updates 100000",
    ),
    "memorization": algorithm(
        "memorization",
        10,
        60_000,
        [("grid tied", 6), ("stack", 2), ("grid tied", 12), ("stack", 1)],
        "--batch 32 --rate 5e-3",
    ),
    "parity": algorithm(
        "parity",
        12,
        20_000,
        [("grid", 3), ("relu", 3), ("tanh", 3), ("grid tied", 6), ("relu tied", 6), ("grid", 10)],
        "--rate 5e-3 --updates 20000",
    ),
    "parity-16": algorithm(
        "parity",
        16,
        40_000,
        [("grid", 3), ("relu", 3), ("tanh", 3)],
        "--rate 5e-3",
    ),
    "addition-15": algorithm(
        "addition",
        15,
        200_000,
        [("grid tied", 12), ("stack", 2)],
        "--batch 128 --rate 3e-3",
    ),
    "digits": others(
        "grid_digits",
        [("grid", 4)],
        DIGITS,
    ),
    "digits-peers": others("grid_digits", [("stack", 2), ("stack both ways", 2)], DIGITS),
    "characters": others(
        "grid_characters",
        [("grid tied", 6), ("stack", 2), ("stack", 1), ("stack", 3)],
        "--parameters 800000 --epochs 15",
    ),
}


def run(arguments: Arguments, options: argparse.Namespace) -> None:
    """One process, to its end."""
    script, *rest = arguments
    folder = options.runs / script
    folder.mkdir(parents=True, exist_ok=True)
    given = [*rest, "--device", options.device, "--threads", "1", "--runs", str(folder)]
    given += ["--time", str(options.time)]
    with (folder / "log.txt").open("a", encoding="utf-8") as log:
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{script}", *given],
            stdout=log,
            stderr=log,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            check=False,
        )
    print(f"{done.returncode} {script} {' '.join(given)}", file=sys.stderr, flush=True)


def main() -> None:
    """All runs of the plans."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("plans", nargs="+", choices=PLANS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--time", type=float, default=3600.0, help="seconds of each run")
    parser.add_argument(
        "--begin", type=float, default=math.inf, help="no run begins later, seconds"
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--runs", type=Path, required=True)
    options = parser.parse_args()
    planned = [
        (*arguments, "--seed", str(seed))
        for seed, plan in itertools.product(options.seeds, options.plans)
        for arguments in PLANS[plan]
    ]
    began = time.perf_counter()

    def run_in_time(arguments: Arguments) -> None:
        if time.perf_counter() - began <= options.begin:
            run(arguments, options)

    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(run_in_time, planned))


if __name__ == "__main__":
    main()
