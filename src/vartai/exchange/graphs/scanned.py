"""A cell for which ONNX has no operator: its step as the body of a Scan.

Sequences end at their own lengths: past its end a sequence keeps its state and gives zeros. From
end to start the rows of each sequence are turned round, and its outputs back again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vartai.exchange.graphs.batch import Padded
from vartai.exchange.graphs.graph import TYPES, Graph

Step = Callable[[Graph, str, list[str]], list[str]]


@dataclass(frozen=True)
class ScannedCell:
    """A cell in one direction.

    Args:
        inputs: adds what inputs ``[T, B, D]`` give the sums of all steps, ``[T, B, G]``.
        step: adds one step to a body, from ``[B, G]`` of it and the state ``[B, …]`` each to the
            state after; its first part is the output.
        sums: G.
        state_sizes: numbers a sequence in each part of the state.
    """

    inputs: Callable[[Graph, str], str]
    step: Step
    sums: int
    state_sizes: tuple[int, ...]


def add_scan(
    graph: Graph, cell: ScannedCell, batch: Padded, start: Sequence[str], *, reverse: bool
) -> tuple[str, list[str]]:
    """Add one direction of a layer.

    Args:
        graph: under construction.
        cell: its step.
        batch: rows ``[T, B, D]``.
        start: initial state ``[B, …]`` each.
        reverse: whether it reads from end to start.

    Returns:
        Outputs ``[T, B, H]``, and the final state as `start`.
    """
    rows = _turned(graph, batch, batch.rows) if reverse else batch.rows
    sums = cell.inputs(graph, rows)
    body = Graph(f"{graph.name}_step", int8=graph.int8, around=graph)
    # In the body every name is new, for a graph may hold several loops.
    serial = body.add("Identity", batch.lengths)
    state = [
        body.take(f"{serial}_before{part}", "float32", ["B", size])
        for part, size in enumerate(cell.state_sizes)
    ]
    here = body.take(f"{serial}_sums", "float32", ["B", cell.sums])
    valid = body.take(f"{serial}_valid", "bool", ["B", 1])
    after = cell.step(body, here, state)
    kept = [body.add("Where", valid, new, old) for new, old in zip(after, state, strict=True)]
    for part, size in enumerate(cell.state_sizes):
        body.give(f"{serial}_after{part}", kept[part], "float32", ["B", size])
    nothing = body.constant(np.array(0, np.float32))
    shown = body.add("Where", valid, after[0], nothing)
    body.give(f"{serial}_output", shown, "float32", ["B", cell.state_sizes[0]])
    *finals, outputs = graph.add_several(
        "Scan",
        [*start, sums, batch.valid],
        len(start) + 1,
        {"body": body.body(), "num_scan_inputs": 2},
    )
    return (_turned(graph, batch, outputs) if reverse else outputs), finals


def _turned(graph: Graph, batch: Padded, rows: str) -> str:
    """Each sequence's rows from last to first; what is past its end stays."""
    one = graph.constant(np.array(1, np.int64))
    long = graph.add("Cast", batch.lengths, attributes={"to": TYPES["int64"]})
    return graph.add(
        "ReverseSequence",
        rows,
        graph.add("Max", long, one),
        attributes={"batch_axis": 1, "time_axis": 0},
    )
