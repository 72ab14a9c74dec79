"""What a run of a layer computed, laid out like its outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic

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
            ``reset, update, candidate``; RNN: ``candidate``.
    """

    hidden: Sequences
    cell: Sequences | None
    gates: Mapping[str, Sequences]


def lay_out(trace: Trace, restore: Callable[[Tensor], Sequences]) -> LayerTrace[Sequences]:
    """A trace of rows in the form of the outputs."""
    return LayerTrace(
        hidden=restore(trace.hidden),
        cell=None if trace.cell is None else restore(trace.cell),
        gates={name: restore(gate) for name, gate in trace.gates.items()},
    )
