"""What the compiled core is worth to the family of cells: a step of training, beside step by step.

The same layer reads the same ragged sequences forward and back, through the core and by torch's
operators, in turns. V is the vanilla LSTM of Greff et al. 2017, with peepholes; the other short
names are its variants. Ratios are medians of the rounds', with their 95 % interval.

    python -m benchmarks.family_speed --threads 1 --seconds 5
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import nn

from benchmarks.pages import write_sections
from vartai.kernels import recurrence
from vartai.measure.machine import describe_load, describe_machine
from vartai.measure.ratios import paired_ratio
from vartai.measure.turns import take_turns
from vartai.nn import LSTM, ClockworkRNN, DepthGatedLSTM, GateRecurrentLSTM
from vartai.sequences import SequenceBatch

STEPS, COUNT, INPUTS, UNITS = 60, 16, 64, 128

FAMILY: dict[str, Callable[..., nn.Module]] = {
    "V": partial(LSTM, peepholes=True),
    "NIG": partial(LSTM, peepholes=True, without=("input",)),
    "NFG": partial(LSTM, peepholes=True, without=("forget",)),
    "NOG": partial(LSTM, peepholes=True, without=("output",)),
    "NIAF": partial(LSTM, peepholes=True, candidate_activation="identity"),
    "NOAF": partial(LSTM, peepholes=True, output_activation="identity"),
    "CIFG": partial(LSTM, peepholes=True, coupled=True),
    "FGR": partial(GateRecurrentLSTM, peepholes=True),
    "depth-gated, 2 layers": partial(DepthGatedLSTM, num_layers=2),
    "Clockwork, 8 modules": ClockworkRNN,
}


def works(layer: nn.Module, batch: SequenceBatch) -> dict[str, Callable[[], object]]:
    """What takes turns."""

    def train() -> Any:
        layer.zero_grad()
        outputs, _ = layer(batch)
        outputs.data.square().sum().backward()
        return outputs.data.detach()

    def stepwise() -> Any:
        with mock.patch.object(recurrence, "takes", return_value=False):
            return train()

    torch.testing.assert_close(train(), stepwise(), rtol=1e-4, atol=1e-4)
    return {"core": train, "step by step": stepwise}


def main() -> None:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each cell")
    parser.add_argument("--page", type=Path, help="whose section on speed is to be written")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    lengths = torch.randint(STEPS // 2, STEPS + 1, (COUNT,))
    batch = SequenceBatch(torch.randn(int(lengths.sum()), INPUTS), lengths)
    lines = [
        f"`python -m benchmarks.family_speed --threads {options.threads} --seconds "
        f"{options.seconds:g}` ({describe_machine()}; {COUNT} sequences of {STEPS // 2} to {STEPS} "
        f"steps, {INPUTS} inputs, {UNITS} units, forward and back, seed 0; "
        f"{describe_load() or 'the machine was calm in the minute before'}):\n",
        "| cell | core, ms | step by step, ms | times as long | 95 % |",
        "|---|---|---|---|---|",
    ]
    for name, make in FAMILY.items():
        times = take_turns(works(make(INPUTS, UNITS), batch), seconds=options.seconds)
        core, slow = times["core"], times["step by step"]
        ratio = paired_ratio(slow, core)
        middle = (sorted(own)[len(own) // 2] * 1e3 for own in (core, slow))
        shown = " | ".join(f"{each:.1f}" for each in middle)
        lines.append(
            f"| {name} | {shown} | {ratio.value:.1f} | {ratio.low:.1f} to {ratio.high:.1f} |"
        )
    print("\n".join(lines))
    if options.page is not None:
        write_sections(options.page, {"family-speed": "\n".join(lines)})


if __name__ == "__main__":
    main()
