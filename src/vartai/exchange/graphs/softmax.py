"""Log-probabilities of every token in a graph; see `vartai.nn.softmax_output`."""

from __future__ import annotations

import itertools

from vartai.exchange.graphs.graph import Graph
from vartai.nn.softmax_output import SoftmaxOutput


def add_log_probabilities(graph: Graph, output: SoftmaxOutput, rows: str) -> str:
    """Rows ``[…, F]`` to log-probabilities ``[…, V]``, exact, in bands or not."""
    edges = [0, *output.cutoffs, output.vocabulary_size]
    if len(edges) == 2:
        return _log_softmax(graph, graph.linear(rows, output.weight, output.bias))
    first = edges[1]
    head = graph.join(
        [
            _scores(graph, output, rows, 0, first),
            graph.linear(rows, output.band_weight, output.band_bias),
        ],
        -1,
    )
    head = _log_softmax(graph, head)
    parts = [graph.slice(head, graph.numbers(0), graph.numbers(first), -1)]
    for band, (low, high) in enumerate(itertools.pairwise(edges[1:])):
        within = _log_softmax(graph, _scores(graph, output, rows, low, high))
        place = graph.numbers(first + band), graph.numbers(first + band + 1)
        parts.append(graph.add("Add", within, graph.slice(head, *place, -1)))
    return graph.join(parts, -1)


def _scores(graph: Graph, output: SoftmaxOutput, rows: str, low: int, high: int) -> str:
    return graph.linear(rows, output.weight, output.bias, part=(low, high))


def _log_softmax(graph: Graph, scores: str) -> str:
    return graph.add("LogSoftmax", scores, attributes={"axis": -1})
