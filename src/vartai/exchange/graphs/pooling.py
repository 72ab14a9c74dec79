"""Pooling in a graph, over a whole batch and step by step; see `vartai.nn.pooling`.

Step by step a pool carries what it has seen: a sum, the largest values, a weighted sum. All of it
is zeros before the first step, for that is what servers begin with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from torch import nn

from vartai.exchange.graphs.batch import Padded
from vartai.exchange.graphs.graph import TYPES, Graph
from vartai.nn.pooling import AttentionPool, LastPool, MaxPool, MeanPool

_LOWEST = -3e38  # as good as minus infinity, and its difference to itself is a number


def add_pool(graph: Graph, pool: nn.Module, batch: Padded, hidden: str | None) -> str:
    """Rows ``[T, B, F]`` to ``[B, F]``; zeros for a sequence without steps.

    Args:
        graph: under construction.
        pool: LastPool, MeanPool, MaxPool or AttentionPool.
        batch: the rows.
        hidden: final hidden state of the last layer ``[directions, B, H]``; LastPool reads it.
    """
    if isinstance(pool, LastPool) and hidden is not None:
        turned = graph.add("Transpose", hidden, attributes={"perm": [1, 0, 2]})
        return graph.add("Reshape", turned, graph.numbers(0, -1))
    first = graph.numbers(0)
    drop = {"keepdims": 0}
    if isinstance(pool, MaxPool):
        lowest = graph.constant(np.array(_LOWEST, np.float32))
        kept = graph.add("Where", batch.valid, batch.rows, lowest)
        highest = graph.add("ReduceMax", kept, first, attributes=drop)
        return _empty_is_zero(graph, batch, highest)
    nothing = graph.constant(np.array(0, np.float32))
    rows = graph.add("Where", batch.valid, batch.rows, nothing)
    if isinstance(pool, AttentionPool):
        lowest = graph.constant(np.array(_LOWEST, np.float32))
        scores = graph.add("Where", batch.valid, _attention(graph, pool, rows), lowest)
        shares = graph.add("Softmax", scores, attributes={"axis": 0})
        rows = graph.add("Mul", rows, shares)
        return graph.add("ReduceSum", rows, first, attributes=drop)
    total = graph.add("ReduceSum", rows, first, attributes=drop)
    count = graph.add("Cast", batch.lengths, attributes={"to": TYPES["float32"]})
    one = graph.constant(np.array(1, np.float32))
    count = graph.add("Unsqueeze", graph.add("Max", count, one), graph.numbers(1))
    return graph.add("Div", total, count)


def _empty_is_zero(graph: Graph, batch: Padded, value: str) -> str:
    empty = graph.add("Equal", batch.lengths, graph.constant(np.array(0, np.int32)))
    empty = graph.add("Unsqueeze", empty, graph.numbers(1))
    return graph.add("Where", empty, graph.constant(np.array(0, np.float32)), value)


def _attention(graph: Graph, pool: AttentionPool, rows: str) -> str:
    """``u·tanh(W x + b)``: ``[…, F]`` to ``[…, 1]``."""
    inner = graph.add("Tanh", graph.linear(rows, pool.hidden.weight, pool.hidden.bias))
    return graph.linear(inner, pool.score.weight, None)


@dataclass(frozen=True)
class Pooled:
    """One step of a pool: its vector ``[B, F]``, and what it carries on, by name."""

    vector: str
    carried: Mapping[str, str]


def carried_sizes(pool: nn.Module, features: int) -> dict[str, int]:
    """Numbers a sequence of each thing that a pool carries from step to step, by name."""
    if isinstance(pool, LastPool):
        return {}
    if isinstance(pool, AttentionPool):
        return {"pooled": features, "pooled_weight": 2}
    return {"pooled": features}


def add_pool_step(
    graph: Graph, pool: nn.Module, row: str, steps: str, carried: Mapping[str, str]
) -> Pooled:
    """One more row ``[B, F]``.

    Args:
        graph: under construction.
        pool: as `add_pool` takes it.
        row: output of the layers.
        steps: how many there were before, ``[B, 1]``, int64.
        carried: what the step before carried on, by the names of `carried_sizes`.
    """
    if isinstance(pool, LastPool):
        return Pooled(row, {})
    first = graph.add("Equal", steps, graph.constant(np.array(0, np.int64)))
    before = carried["pooled"]
    if isinstance(pool, MaxPool):
        highest = graph.add("Where", first, row, graph.add("Max", before, row))
        return Pooled(highest, {"pooled": highest})
    if isinstance(pool, MeanPool):
        total = graph.add("Add", before, row)
        count = graph.add("Cast", steps, attributes={"to": TYPES["float32"]})
        count = graph.add("Add", count, graph.constant(np.array(1, np.float32)))
        return Pooled(graph.add("Div", total, count), {"pooled": total})
    if not isinstance(pool, AttentionPool):
        raise TypeError(f"add_pool_step: no pool of ours: {type(pool).__name__}")
    return _attention_step(graph, pool, row, first, carried)


def _attention_step(
    graph: Graph, pool: AttentionPool, row: str, first: str, carried: Mapping[str, str]
) -> Pooled:
    """Shares are relative to the highest score so far, as a softmax in one pass has them."""
    highest, weight = graph.add_several(
        "Split", [carried["pooled_weight"]], 2, {"axis": 1, "num_outputs": 2}
    )
    score = _attention(graph, pool, row)
    now = graph.add("Where", first, score, graph.add("Max", highest, score))
    shrunk = graph.add("Exp", graph.add("Sub", highest, now))
    # Before the first step the weight and the sum are zeros, whatever they are multiplied by.
    shrunk = graph.add("Where", first, graph.constant(np.array(0, np.float32)), shrunk)
    own = graph.add("Exp", graph.add("Sub", score, now))
    weight = graph.add("Add", graph.add("Mul", weight, shrunk), own)
    kept = graph.add("Mul", carried["pooled"], shrunk)
    total = graph.add("Add", kept, graph.add("Mul", row, own))
    vector = graph.add("Div", total, weight)
    return Pooled(vector, {"pooled": total, "pooled_weight": graph.join([now, weight], 1)})
