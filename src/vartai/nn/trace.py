"""What a run of a layer computed, laid out like its outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from torch import Tensor

from vartai.kernels.direction import Trace
from vartai.nn.layouts import Sequences


@dataclass(frozen=True, eq=False)
class LayerTrace(Generic[Sequences]):
    """Every state and gate of one layer in one direction, from the run itself, without gradients.

    Args:
        hidden: rows of P numbers: what this direction put out.
        cell: rows of H numbers: an LSTM's cells. None for other cells.
        gates: rows of H numbers each, activated. LSTM: ``input, forget, candidate, output``; GRU:
            ``reset, update, candidate``; RNN and IndRNN: ``candidate``; minGRU: ``update,
            candidate``; minLSTM, scaled to add up to one: ``forget, input, candidate``; sLSTM: as
            LSTM, and its ``normaliser``; depth-gated LSTM: as LSTM, and above the first layer
            ``depth``; Clockwork RNN: ``candidate, clock``. A gate that an LSTM does not have is not
            among them.
    """

    hidden: Sequences
    cell: Sequences | None
    gates: Mapping[str, Sequences]


# What is told of every run of a layer that is watched: the trace of each direction by name.
Recorder = Callable[[dict[str, LayerTrace[Any]]], None]


def lay_out_all(
    traces: Mapping[str, Trace], restore: Callable[[Tensor], Sequences]
) -> dict[str, LayerTrace[Sequences]]:
    """Traces of rows by name in the form of the outputs."""
    return {name: lay_out(trace, restore) for name, trace in traces.items()}


def lay_out(trace: Trace, restore: Callable[[Tensor], Sequences]) -> LayerTrace[Sequences]:
    """A trace of rows in the form of the outputs."""
    return LayerTrace(
        hidden=restore(trace.hidden),
        cell=None if trace.cell is None else restore(trace.cell),
        gates={name: restore(gate) for name, gate in trace.gates.items()},
    )
