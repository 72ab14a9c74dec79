"""What a model reads of each token, in a graph: rows of tables, means of rows."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from vartai.exchange.graphs.graph import TYPES, Graph
from vartai.models.token_vectors import TokenVectors


def add_token_vectors(graph: Graph, vectors: TokenVectors, ids: str, affixes: str | None) -> str:
    """Ids ``[…]``, and those of their affixes ``[…, A]``, to vectors ``[…, D]``."""
    found = graph.look_up(vectors.embedding.weight, ids)
    if vectors.affixes is None or affixes is None:
        return found
    return graph.add("Add", found, add_mean(graph, vectors.affixes.weight, affixes))


def add_mean(graph: Graph, table: Tensor, ids: str) -> str:
    """The mean of the rows of several ids ``[…, A]``, of which 0 is none: ``[…, D]``."""
    last = graph.numbers(-1)
    there = graph.add(
        "Cast",
        graph.add("Not", graph.add("Equal", ids, graph.constant(np.array(0, np.int64)))),
        attributes={"to": TYPES["float32"]},
    )
    rows = graph.add("Mul", graph.look_up(table, ids), graph.add("Unsqueeze", there, last))
    # The axis of the rows themselves is the last but one, once they have been looked up.
    total = graph.add("ReduceSum", rows, graph.numbers(-2), attributes={"keepdims": 0})
    count = graph.add("ReduceSum", there, last, attributes={"keepdims": 1})
    one = graph.constant(np.array(1, np.float32))
    return graph.add("Div", total, graph.add("Max", count, one))
