"""The best row of tags under a linear-chain conditional random field, in a graph: two scans.

Forward, the best score of every tag at every step and which tag it came from; then backward, the
tags. Past its end a sequence keeps its scores, and every tag comes from itself.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from vartai.exchange.graphs.batch import Padded
from vartai.exchange.graphs.graph import Graph
from vartai.nn.crf import FORBIDDEN, LinearChainCRF


def add_viterbi(graph: Graph, crf: LinearChainCRF, batch: Padded) -> str:
    """Scores ``[T, B, C]`` to the best tags ``[T, B]``, int64; of equals as `LinearChainCRF`."""
    start, transitions, end = _weights(crf)
    tags = start.numel()
    sources, best = _forward(graph, batch, (start, transitions), tags)
    total = graph.add("Add", best, graph.constant(end))
    last = graph.add("ArgMax", total, attributes={"axis": 1, "keepdims": 0})
    return _backward(graph, sources, last, tags)


def _weights(crf: LinearChainCRF) -> tuple[Tensor, Tensor, Tensor]:
    weights = (crf.start.detach(), crf.transitions.detach(), crf.end.detach())
    if crf.legal is None:
        return weights
    masks = (crf.legal.start, crf.legal.transitions, crf.legal.end)
    start, transitions, end = (
        weight.masked_fill(~mask, FORBIDDEN) for weight, mask in zip(weights, masks, strict=True)
    )
    return start, transitions, end


def _forward(
    graph: Graph, batch: Padded, weights: tuple[Tensor, Tensor], tags: int
) -> tuple[str, str]:
    """Which tag each one came from ``[T, B, C]``, and the best scores at the end ``[B, C]``."""
    start, transitions = weights
    body = Graph("viterbi_forward", around=graph)
    best = body.take("viterbi_best", "float32", ["B", tags])
    scores = body.take("viterbi_scores", "float32", ["B", tags])
    valid = body.take("viterbi_valid", "bool", ["B", 1])
    first = body.take("viterbi_first", "bool", [1, 1])
    paths = body.add(
        "Add", body.add("Unsqueeze", best, body.numbers(2)), body.constant(transitions)
    )
    value = body.add("ReduceMax", paths, body.numbers(1), attributes={"keepdims": 0})
    source = body.add("ArgMax", paths, attributes={"axis": 1, "keepdims": 0})
    begun = body.add("Where", first, body.constant(start), value)
    new = body.add("Add", begun, scores)
    body.give("viterbi_after", body.add("Where", valid, new, best), "float32", ["B", tags])
    itself = body.constant(torch.arange(tags)[None])
    body.give("viterbi_source", body.add("Where", valid, source, itself), "int64", ["B", tags])
    shape = graph.join([graph.size(batch.rows, 1), graph.numbers(tags)], 0)
    nothing = graph.add("Expand", graph.constant(np.zeros((1, 1), np.float32)), shape)
    after, sources = graph.add_several(
        "Scan",
        [nothing, batch.rows, batch.valid, _is_first(graph, batch)],
        2,
        {"body": body.body(), "num_scan_inputs": 3},
    )
    return sources, after


def _backward(graph: Graph, sources: str, last: str, tags: int) -> str:
    body = Graph("viterbi_backward", around=graph)
    tag = body.take("viterbi_tag", "int64", ["B"])
    source = body.take("viterbi_from", "int64", ["B", tags])
    column = body.add("Unsqueeze", tag, body.numbers(1))
    before = body.add("GatherElements", source, column, attributes={"axis": 1})
    body.give("viterbi_before", body.add("Squeeze", before, body.numbers(1)), "int64", ["B"])
    body.give("viterbi_chosen", tag, "int64", ["B"])
    _, chosen = graph.add_several(
        "Scan",
        [last, sources],
        2,
        {
            "body": body.body(),
            "num_scan_inputs": 1,
            "scan_input_directions": [1],
            "scan_output_directions": [1],
        },
    )
    return chosen


def _is_first(graph: Graph, batch: Padded) -> str:
    """``[T, 1, 1]``, bool."""
    zero, one = (graph.constant(np.array(n, np.int64)) for n in (0, 1))
    steps = graph.add("Squeeze", graph.size(batch.rows, 0), graph.numbers(0))
    places = graph.add("Range", zero, steps, one)
    first = graph.add("Equal", places, zero)
    return graph.add("Unsqueeze", first, graph.numbers(1, 2))
