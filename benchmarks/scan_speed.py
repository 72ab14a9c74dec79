"""minGRU, training and inference: Vartai's scan beside two ways to write it in torch.

`loop` is a linear-space loop over steps: gates for all steps at once, one `lerp` a step, time-major
memory, outputs written in place in inference. `log space` is the parallel form of Feng et al. 2024,
cumulative sums of logarithms. Both get ragged sequences padded, which is what torch has for them.

The scan starts from the sums of the gate and the candidate; the layer from its inputs, so that the
product with the weights, the same for all, is in it. Contestants run in turn, again and again; the
table holds medians, and ratios of medians with the interval that holds 95 of 100 ratios when the
repeats are drawn again. Nothing is printed where results or gradients disagree.

    python -m benchmarks.scan_speed --threads 1 --seconds 5
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from vartai.kernels import native
from vartai.kernels.scan import run_scan
from vartai.measure.machine import describe_machine
from vartai.sequences import SequenceBatch

CONTESTANTS = ("vartai", "loop", "log space")
RESAMPLES = 2000


def run_loop(sums: Tensor) -> Tensor:
    """``[T, B, 2H]`` to ``[T, B, H]``, a step at a time from a state of zeros."""
    k, v = sums.chunk(2, dim=2)
    update = torch.sigmoid(k)
    candidate = torch.where(v >= 0, v + 0.5, v.sigmoid())
    steps = zip(candidate.unbind(0), update.unbind(0), strict=True)
    hidden = torch.zeros_like(v[0])
    if torch.is_grad_enabled():
        outputs = []
        for one, share in steps:
            hidden = torch.lerp(hidden, one, share)
            outputs.append(hidden)
        return torch.stack(outputs)
    written = torch.empty_like(candidate)
    for place, (one, share) in zip(written.unbind(0), steps, strict=True):
        hidden = torch.lerp(hidden, one, share, out=place)
    return written


def run_log_space(sums: Tensor) -> Tensor:
    """``[T, B, 2H]`` to ``[T, B, H]``, all steps at once; along the first axis it is fastest."""
    k, v = sums.chunk(2, dim=2)
    log_candidate = torch.where(v >= 0, (v.relu() + 0.5).log(), -functional.softplus(-v))
    log_drive = log_candidate - functional.softplus(-k)
    decays = (-functional.softplus(k)).cumsum(0)
    return (decays + (log_drive - decays).logcumsumexp(0)).exp()


@dataclass(frozen=True)
class Case:
    """One shape of work; a whole layer, or the scan alone."""

    name: str
    lengths: Tensor
    size: int
    layer: bool


def cases() -> list[Case]:
    """The same dense and ragged sequences, as scans and as layers."""
    dense = torch.full((8,), 1024)
    ragged = torch.randint(64, 1025, (16,), generator=torch.Generator().manual_seed(0))
    shapes = {"B8 T1024": dense, "B16 T64-1024": ragged}
    return [
        Case(f"{'layer' if layer else 'scan'} {name} D256", lengths, 256, layer)
        for layer in (False, True)
        for name, lengths in shapes.items()
    ]


class Contest:
    """The same numbers as ragged rows and on a padded grid, and what gradients are asked for."""

    def __init__(self, case: Case) -> None:
        self.layer = case.layer
        width = case.size if case.layer else 2 * case.size
        batch = SequenceBatch(torch.randn(int(case.lengths.sum()), width), case.lengths)
        self.lengths = case.lengths
        self.hidden = torch.zeros(len(batch), case.size)
        self.rows = batch.data.clone().requires_grad_()
        self.grid = batch.padded().contiguous().requires_grad_()
        self.weight = (torch.randn(2 * case.size, case.size) / case.size**0.5).requires_grad_()
        self.d_rows = torch.randn(len(batch.data), case.size)
        self.d_grid = batch.with_data(self.d_rows).padded().contiguous()

    def outputs(self, contestant: str) -> Tensor:
        """One forward pass: rows from Vartai, the grid from the others."""
        inputs = self.rows if contestant == "vartai" else self.grid
        sums = functional.linear(inputs, self.weight) if self.layer else inputs
        if contestant == "vartai":
            return run_scan("min_gru_g", (sums,), self.lengths, self.hidden)[0]
        return run_loop(sums) if contestant == "loop" else run_log_space(sums)

    def infer(self, contestant: str) -> None:
        """One forward pass that keeps nothing."""
        with torch.inference_mode():
            self.outputs(contestant)

    def train(self, contestant: str) -> tuple[Tensor, ...]:
        """One forward and one backward pass; gradients of inputs, and of a layer's weights."""
        ours = contestant == "vartai"
        leaves = [self.rows if ours else self.grid, *([self.weight] if self.layer else [])]
        d_outputs = self.d_rows if ours else self.d_grid
        return torch.autograd.grad(self.outputs(contestant), leaves, d_outputs)

    def agrees(self) -> bool:
        """Whether all outputs and gradients are the same, as far as the log-space form is exact."""

        def rows(grid: Tensor) -> Tensor:
            return SequenceBatch.from_padded(grid, self.lengths).data

        with torch.inference_mode():
            outputs = self.outputs("vartai")
        d_inputs, *d_weight = self.train("vartai")
        same = True
        for other in CONTESTANTS[1:]:
            with torch.inference_mode():
                same &= _close(outputs, rows(self.outputs(other)))
            d_others, *d_other_weight = self.train(other)
            same &= _close(d_inputs, rows(d_others))
            same &= all(_close(a, b) for a, b in zip(d_weight, d_other_weight, strict=True))
        return same


def _close(found: Tensor, wanted: Tensor) -> bool:
    scale = float(wanted.detach().abs().max())
    return bool((found - wanted).abs().max() <= 2e-3 * scale)


def measure(run: Callable[[str], object], seconds: float) -> np.ndarray:
    """Milliseconds ``[repeats, contestants]``, taken in turn until the time is up, 7 at least."""
    for contestant in CONTESTANTS:
        run(contestant)
    times: list[list[float]] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 7:
        row = []
        for contestant in CONTESTANTS:
            start = time.perf_counter()
            run(contestant)
            row.append(1000 * (time.perf_counter() - start))
        times.append(row)
    return np.array(times)


def interval(times: np.ndarray, contestant: int) -> tuple[float, float]:
    """Where 95 of 100 ratios to Vartai's median fall when whole repeats are drawn again."""
    draws = np.random.default_rng(0).integers(0, len(times), (RESAMPLES, len(times)))
    medians = np.median(times[draws], axis=1)
    low, high = np.percentile(medians[:, contestant] / medians[:, 0], [2.5, 97.5])
    return float(low), float(high)


def report(case: Case, seconds: float) -> None:
    """Print two rows of the table."""
    contest = Contest(case)
    if not contest.agrees():
        raise SystemExit(f"{case.name}: contestants disagree; no speed is reported")
    for kind, run in (("train", contest.train), ("infer", contest.infer)):
        times = measure(run, seconds)
        medians = np.median(times, axis=0)
        cells = [f"{medians[0]:.2f}"]
        for place in range(1, len(CONTESTANTS)):
            low, high = interval(times, place)
            ratio = medians[place] / medians[0]
            cells.append(f"{medians[place]:.1f} ({ratio:.1f}, {low:.1f}-{high:.1f})")
        print(f"| {case.name} | {kind} | {len(times)} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Print the table for this machine."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seconds", type=float, default=5.0, help="of each row of the table")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    used = native.instruction_sets()[-1] if native.HAS_CORE else "no core"
    print(f"{describe_machine()}, core: {used}\n")
    print("| case | | repeats | vartai ms | loop ms (ratio, 95 %) | log space ms (ratio, 95 %) |")
    print("|---|---|---|---|---|---|")
    for case in cases():
        report(case, options.seconds)


if __name__ == "__main__":
    main()
