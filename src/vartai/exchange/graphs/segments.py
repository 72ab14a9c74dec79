"""A text read in pieces of so many steps, each from a fresh state, in a graph."""

from __future__ import annotations

import numpy as np

from vartai.exchange.graphs.batch import Padded, padded
from vartai.exchange.graphs.graph import TYPES, Graph


def cut(graph: Graph, batch: Padded, segment: int) -> Padded:
    """``[T, B, E]`` to ``[S, P·B, E]``: P pieces of S steps, the last with zeros."""
    size = graph.numbers(segment)
    steps = graph.size(batch.rows, 0)
    up = graph.add("Add", steps, graph.numbers(segment - 1))
    pieces = graph.add("Div", up, size)
    missing = graph.add("Sub", graph.add("Mul", pieces, size), steps)
    pads = graph.join([graph.numbers(0, 0, 0), missing, graph.numbers(0, 0)], 0)
    whole = graph.add("Pad", batch.rows, pads)
    shape = graph.join([pieces, size, graph.size(batch.rows, 1), graph.size(batch.rows, 2)], 0)
    turned = graph.add(
        "Transpose", graph.add("Reshape", whole, shape), attributes={"perm": [1, 0, 2, 3]}
    )
    width = graph.size(batch.rows, 2)
    rows = graph.add("Reshape", turned, graph.join([size, graph.numbers(-1), width], 0))
    return padded(graph, rows, _lengths(graph, batch.lengths, pieces, segment))


def _lengths(graph: Graph, lengths: str, pieces: str, segment: int) -> str:
    """``[P·B]``: steps of each piece of each sequence, the first pieces of all first."""
    zero, one = (graph.constant(np.array(n, np.int64)) for n in (0, 1))
    count = graph.add("Squeeze", pieces, graph.numbers(0))
    numbers = graph.add(
        "Cast", graph.add("Range", zero, count, one), attributes={"to": TYPES["int32"]}
    )
    begins = graph.add("Mul", numbers, graph.constant(np.array(segment, np.int32)))
    left = graph.add("Sub", lengths, graph.add("Unsqueeze", begins, graph.numbers(1)))
    low, high = (graph.constant(np.array(n, np.int32)) for n in (0, segment))
    own = graph.add("Min", graph.add("Max", left, low), high)
    return graph.add("Reshape", own, graph.numbers(-1))


def joined(graph: Graph, pieces: Padded, whole: Padded, segment: int) -> Padded:
    """What `cut` took apart, put together again: ``[S, P·B, F]`` to ``[P·S, B, F]``."""
    size, width = graph.numbers(segment), graph.size(pieces.rows, 2)
    shape = graph.join([size, graph.numbers(-1), graph.size(whole.rows, 1), width], 0)
    turned = graph.add(
        "Transpose", graph.add("Reshape", pieces.rows, shape), attributes={"perm": [1, 0, 2, 3]}
    )
    shape = graph.join([graph.numbers(-1), graph.size(whole.rows, 1), width], 0)
    return padded(graph, graph.add("Reshape", turned, shape), whole.lengths)
