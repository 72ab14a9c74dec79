"""Recurrent layers, training and inference: Vartai beside torch.nn, dense and packed.

Every case runs all contestants in turn, again and again, so that whatever else the machine does
meets them alike; the table holds medians and the ratios of medians. Dense torch computes on padding
what ragged rows do not have; packed torch does not. Nothing is printed about a layer whose outputs
differ from torch's.

    python -m benchmarks.recurrent_speed --threads 1 --seconds 2
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from benchmarks.machine import describe_machine
from vartai import nn as recurrent
from vartai.kernels import native
from vartai.sequences import SequenceBatch

CELLS = ("LSTM", "GRU", "RNN")
CONTESTANTS = ("vartai", "dense", "packed")


@dataclass(frozen=True)
class Case:
    """One shape of work."""

    name: str
    lengths: Tensor
    input_size: int
    hidden_size: int
    bidirectional: bool = False


def cases() -> list[Case]:
    """Sizes of a small classifier, of a middling layer, and of long ragged documents."""
    ragged = torch.randint(60, 401, (64,), generator=torch.Generator().manual_seed(0))
    return [
        Case("T44 B256 D64 H32", torch.full((256,), 44), 64, 32),
        Case("T44 B16 D64 H32", torch.full((16,), 44), 64, 32),
        Case("T100 B32 D128 H128", torch.full((32,), 100), 128, 128),
        Case("T60-400 B64 D128 H128 both ways", ragged, 128, 128, bidirectional=True),
    ]


class Contest:
    """A Vartai layer and torch's with the same weights, on the same rows in three forms."""

    def __init__(self, case: Case, cell: str) -> None:
        sizes, both = (case.input_size, case.hidden_size), case.bidirectional
        self.ours = getattr(recurrent, cell)(*sizes, bidirectional=both)
        self.theirs = getattr(nn, cell)(*sizes, bidirectional=both)
        self.ours.load_state_dict(self.theirs.state_dict())
        rows = torch.randn(int(case.lengths.sum()), case.input_size)
        self.ragged = SequenceBatch(rows.clone().requires_grad_(), case.lengths)
        self.padded = SequenceBatch(rows, case.lengths).padded().contiguous().requires_grad_()
        packed = SequenceBatch(rows, case.lengths).packed()
        self.packed = PackedSequence(packed.data.requires_grad_(), *packed[1:])

    def outputs(self, contestant: str) -> Tensor:
        """Run one forward pass; every output of every row."""
        if contestant == "vartai":
            rows: Tensor = self.ours(self.ragged)[0].data
            return rows
        if contestant == "dense":
            grid: Tensor = self.theirs(self.padded)[0]
            return grid
        packed: Tensor = self.theirs(self.packed)[0].data
        return packed

    def agrees(self) -> bool:
        """Whether the rows are torch's, forward."""
        packed = SequenceBatch.from_packed(self.theirs(self.packed)[0])
        return torch.allclose(self.outputs("vartai"), packed.data, rtol=1e-3, atol=1e-4)

    def train(self, contestant: str) -> None:
        """One forward and one backward pass, gradients of inputs included."""
        self.outputs(contestant).sum().backward()  # type: ignore[no-untyped-call]

    def infer(self, contestant: str) -> None:
        """One forward pass that keeps nothing."""
        with torch.inference_mode():
            self.outputs(contestant)


def medians(run: Callable[[str], None], seconds: float) -> dict[str, float]:
    """Milliseconds of each contestant, taken in turn until the time is up, five times at least."""
    times: dict[str, list[float]] = {contestant: [] for contestant in CONTESTANTS}
    for contestant in CONTESTANTS:
        run(contestant)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times["packed"]) < 5:
        for contestant in CONTESTANTS:
            start = time.perf_counter()
            run(contestant)
            times[contestant].append(time.perf_counter() - start)
    return {contestant: 1000 * statistics.median(found) for contestant, found in times.items()}


def report(case: Case, cell: str, seconds: float) -> None:
    """Print two rows of the table."""
    contest = Contest(case, cell)
    if not contest.agrees():
        raise SystemExit(f"{case.name} {cell}: outputs differ from torch's; no speed is reported")
    for kind, run in (("train", contest.train), ("infer", contest.infer)):
        found = medians(run, seconds)
        ours = found["vartai"]
        print(
            f"| {case.name} | {cell} | {kind} | {ours:.2f} "
            f"| {found['dense']:.2f} ({found['dense'] / ours:.2f}) "
            f"| {found['packed']:.2f} ({found['packed'] / ours:.2f}) |",
            flush=True,
        )


def main() -> None:
    """Print the table for this machine."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seconds", type=float, default=2.0, help="of each row of the table")
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=list(CELLS))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    used = native.instruction_sets()[-1] if native.HAS_CORE else "no core"
    print(f"{describe_machine()}, core: {used}\n")
    print("| case | cell | | vartai ms | torch dense ms (ratio) | torch packed ms (ratio) |")
    print("|---|---|---|---|---|---|")
    for case in cases():
        for cell in options.cells:
            report(case, cell, options.seconds)


if __name__ == "__main__":
    main()
