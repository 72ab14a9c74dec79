"""Recurrent layers where a GPU is: beside torch's own there, and beside the same layer on the CPU.

A step of training of one layer: forward, a loss on every output, backward. Sequences are ragged,
lengths drawn evenly from 1 to T; torch's layer gets them packed, made outside the clock. All take
turns in one process. Nothing in Vartai needs a GPU; this says what one is good for.

    python -m benchmarks.gpu --write
"""

from __future__ import annotations

import argparse
import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from benchmarks.pages import write_sections
from vartai import nn as ours
from vartai.measure.machine import describe_machine
from vartai.measure.ratios import Ratio, paired_ratio
from vartai.measure.turns import Work, take_turns
from vartai.sequences import SequenceBatch

PAGE = Path(__file__).parent.parent / "docs" / "results" / "elsewhere.md"
BATCH, STEPS = 64, 100
LAYERS: dict[str, tuple[str, dict[str, Any]]] = {
    "RNN": ("RNN", {}),
    "LSTM": ("LSTM", {}),
    "GRU": ("GRU", {}),
    "LSTM, peepholes": ("LSTM", {"peepholes": True}),
    "LSTM, layer norm": ("LSTM", {"layer_norm": True}),
    "GRU, reset before": ("GRU", {"reset_after": False}),
    "MinGRU": ("MinGRU", {}),
    "MinLSTM": ("MinLSTM", {}),
    "IndRNN": ("IndRNN", {}),
    "SLSTM": ("SLSTM", {}),
    "GridLSTM, 6 tied layers": ("GridLSTM", {"num_layers": 6, "tied": True}),
}
PEERS = ("RNN", "LSTM", "GRU")


@dataclass(frozen=True)
class Found:
    """Of one layer and size: milliseconds on the GPU, and how many times longer others took."""

    name: str
    size: int
    milliseconds: float
    torch_there: Ratio | None
    here: Ratio


def training_step(layer: nn.Module, inputs: SequenceBatch | PackedSequence) -> Work:
    """Forward, a loss on every output, backward; ends when the device has ended."""
    there = inputs.data.device.type == "cuda"
    shares: list[Tensor] = []

    def step() -> None:
        rows = layer(inputs)[0].data
        if not shares:
            shares.append(torch.randn(rows.shape, device=rows.device))
        layer.zero_grad()
        (rows * shares[0]).sum().backward()
        if there:
            torch.cuda.synchronize()

    return step


def one(name: str, size: int, *, seconds: float) -> Found:
    """Measure one layer of a size."""
    kind, options = LAYERS[name]
    lengths = torch.randint(1, STEPS + 1, (BATCH,))
    batch = SequenceBatch(torch.randn(int(lengths.sum()), size), lengths)
    layer = getattr(ours, kind)(size, size, **options)
    gpu = torch.device("cuda")
    works = {
        "gpu": training_step(copy.deepcopy(layer).to(gpu), batch.to(gpu)),
        "cpu": training_step(layer, batch),
    }
    if name in PEERS:
        theirs = getattr(nn, kind)(size, size).to(gpu)
        works["torch"] = training_step(theirs, batch.to(gpu).packed())
    times = take_turns(works, seconds=seconds)
    middle = sorted(times["gpu"])[len(times["gpu"]) // 2]
    peer = paired_ratio(times["torch"], times["gpu"]) if "torch" in times else None
    return Found(name, size, 1e3 * middle, peer, paired_ratio(times["cpu"], times["gpu"]))


def table(found: list[Found]) -> str:
    """Rows of layers, columns of who took how long."""
    lines = [
        "| layer | H | on the GPU, ms | torch.nn there takes | the CPU takes |",
        "|---|--:|--:|--:|--:|",
    ]
    for row in found:
        lines.append(
            f"| {row.name} | {row.size} | {row.milliseconds:.2f} | {_times(row.torch_there)} | "
            f"{_times(row.here)} |"
        )
    return "\n".join(lines)


def _times(ratio: Ratio | None) -> str:
    if ratio is None:
        return ""
    return f"{ratio.value:.2f}× ({ratio.low:.2f}–{ratio.high:.2f})"


def main() -> None:
    """Measure all, print, and on request write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[128, 512])
    parser.add_argument("--seconds", type=float, default=3.0, help="of each row, at least")
    parser.add_argument("--write", action="store_true", help=f"to {PAGE.name}")
    typed = parser.parse_args()
    if not torch.cuda.is_available():
        parser.error("torch finds no GPU here")
    torch.manual_seed(0)
    found = [one(name, size, seconds=typed.seconds) for size in typed.sizes for name in LAYERS]
    where = f"{torch.cuda.get_device_name()}; CPU: {describe_machine()}"
    section = f"B {BATCH}, T to {STEPS}, D = H. Measured on one {where}.\n\n{table(found)}"
    print(section)
    if typed.write:
        write_sections(PAGE, {"layers": section})


if __name__ == "__main__":
    main()
