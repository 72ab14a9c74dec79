"""What a trace costs: an LSTM's run with every gate kept, beside the same run without.

Both read the same ragged sequences in inference, in turns, again and again. Beside them stand what
people write who want the gates of `torch.nn`, a loop over its `LSTMCell` that computes each gate
anew, the run of `torch.nn.LSTM` without gates, and that one being watched. Ratios are medians of
the rounds', with their 95 % interval.

    python -m benchmarks.trace_speed --threads 1 --seconds 20
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

import vartai
from benchmarks.pages import write_sections
from vartai.measure.machine import describe_load, describe_machine
from vartai.measure.ratios import paired_ratio
from vartai.measure.turns import take_turns
from vartai.nn.lstm import LSTM

# Steps, sequences, and sizes of inputs and states.
SHAPES = ((30, 1, 64, 64), (100, 16, 128, 128), (300, 32, 128, 256))
BASE = "untraced"


def run_by_hand(cell: nn.LSTMCell, inputs: Tensor) -> list[tuple[Tensor, ...]]:
    """Every gate of ``[T, B, D]``, as it is done by hand: a loop over steps, gates spelled out."""
    state = inputs.new_zeros(2, inputs.size(1), cell.hidden_size)
    hidden, memory = state[0], state[1]
    kept = []
    for step in inputs.unbind(0):
        sums = step @ cell.weight_ih.T + cell.bias_ih + hidden @ cell.weight_hh.T + cell.bias_hh
        i, f, g, o = sums.chunk(4, 1)
        gates = (i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid())
        hidden, memory = cell(step, (hidden, memory))
        kept.append((hidden, memory, *gates))
    return kept


def works(steps: int, count: int, inputs: int, size: int) -> dict[str, Callable[[], object]]:
    """What takes turns."""
    torch.manual_seed(0)
    theirs = nn.LSTM(inputs, size)
    ours = LSTM(inputs, size)
    ours.load_state_dict(theirs.state_dict())
    cell = nn.LSTMCell(inputs, size)
    cell.load_state_dict({n.removesuffix("_l0"): w for n, w in theirs.state_dict().items()})
    rows = torch.randn(steps, count, inputs)

    def watched() -> object:
        with vartai.inspect.watch(theirs) as seen:
            theirs(rows)
        return seen

    _require_agreement(ours, cell, rows)
    return {
        BASE: lambda: ours(rows),
        "traced": lambda: ours(rows, trace=True),
        "torch.nn, untraced": lambda: theirs(rows),
        "torch.nn, watched": watched,
        "LSTMCell by hand": lambda: run_by_hand(cell, rows),
    }


def _require_agreement(ours: LSTM, cell: nn.LSTMCell, rows: Tensor) -> None:
    """No numbers where what is traced is not what is computed by hand."""
    with torch.inference_mode():
        _, _, traces = ours(rows, trace=True)
        by_hand = [torch.stack(parts) for parts in zip(*run_by_hand(cell, rows), strict=True)]
    found = traces["l0"]
    for one, other in zip((found.hidden, found.cell, *found.gates.values()), by_hand, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def main() -> None:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each shape")
    parser.add_argument("--page", type=Path, help="whose section is to be written")
    parser.add_argument("--section", default="speed", help="its name on that page")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    lines = [
        f"`python -m benchmarks.trace_speed --threads {options.threads} --seconds "
        f"{options.seconds:g}` ({describe_machine()}; inference, seed 0; "
        f"{describe_load() or 'the machine was calm in the minute before'}):\n",
        "| steps, sequences, inputs, units | run | ms | of the untraced | 95 % |",
        "|---|---|---|---|---|",
    ]
    for shape in SHAPES:
        with torch.inference_mode():
            times = take_turns(works(*shape), seconds=options.seconds)
        for name, own in times.items():
            ratio = paired_ratio(own, times[BASE])
            median = sorted(own)[len(own) // 2] * 1e3
            lines.append(
                f"| {', '.join(map(str, shape))} | {name} | {median:.2f} | {ratio.value:.2f} | "
                f"{ratio.low:.2f} to {ratio.high:.2f} |"
            )
    print("\n".join(lines))
    if options.page is not None:
        write_sections(options.page, {options.section: "\n".join(lines)})


if __name__ == "__main__":
    main()
