"""Padded batches inside a graph: rows by step, how many of them count, and which.

onnxruntime ends the whole process where a recurrent operator meets a batch of no sequences, so a
graph pads what comes to at least one sequence of one step, of length 0, and cuts it off again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vartai.exchange.graphs.graph import TYPES, Graph


@dataclass(frozen=True)
class Padded:
    """B sequences of at most T steps, by the names of their values in a graph.

    Args:
        rows: ``[T, B, …]``.
        lengths: ``[B]``, int32.
        valid: ``[T, B, 1]``, bool: whether a step is within its sequence.
    """

    rows: str
    lengths: str
    valid: str

    def with_rows(self, rows: str) -> Padded:
        """The same sequences with other rows."""
        return replace(self, rows=rows)


def padded(graph: Graph, rows: str, lengths: str) -> Padded:
    """A batch of rows ``[T, B, …]`` and lengths ``[B]``, int32."""
    zero, one = (graph.constant(np.array(n, np.int64)) for n in (0, 1))
    steps = graph.add("Squeeze", graph.size(rows, 0), graph.numbers(0))
    places = graph.add("Unsqueeze", graph.add("Range", zero, steps, one), graph.numbers(1))
    long = graph.add("Cast", lengths, attributes={"to": TYPES["int64"]})
    inside = graph.add("Less", places, long)
    return Padded(rows, lengths, graph.add("Unsqueeze", inside, graph.numbers(2)))


def at_least_one(graph: Graph, value: str, axes: int, *, of: int) -> str:
    """Pad the first axes of a value, where they are empty, to a length of 1 with zeros.

    Args:
        graph: under construction.
        value: of at least `axes` axes.
        axes: how many of them.
        of: how many axes the value has.
    """
    shape = graph.add("Shape", value)
    missing = graph.add("Max", graph.add("Sub", graph.numbers(1), shape), graph.numbers(0))
    chosen = graph.constant(np.array([1] * axes + [0] * (of - axes), np.int64))
    after = graph.add("Mul", missing, chosen)
    pads = graph.join([graph.numbers(*[0] * of), after], 0)
    return graph.add("Pad", value, pads)


def first_rows(graph: Graph, value: str, count: str, *, axis: int = 0) -> str:
    """The first so many of an axis; `count` is int64 ``[1]``."""
    return graph.slice(value, graph.numbers(0), count, axis)
