"""A text classifier as a graph: the recurrent path, with its weight in the blend."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from vartai.exchange.graphs.batch import Padded, at_least_one, first_rows, padded
from vartai.exchange.graphs.graph import TYPES, Axes, Graph
from vartai.exchange.graphs.layers import add_layers
from vartai.exchange.graphs.pooling import add_pool, add_pool_step, carried_sizes
from vartai.exchange.graphs.segments import cut, joined
from vartai.exchange.graphs.state import (
    BATCH,
    StatePart,
    from_layers,
    give_state,
    layer_parts,
    take_state,
    to_layers,
)
from vartai.exchange.graphs.vectors import add_token_vectors
from vartai.models.classifier import SequenceClassifier
from vartai.nn.pooling import LastPool
from vartai.tasks.classify.task import ClassifyTask
from vartai.text.affixes import columns


def classify_model(task: ClassifyTask, *, int8: bool) -> bytes:
    """``ids [B, T]``, ``lengths [B]`` and ``affixes [B, T, A]`` to ``scores``, ``probabilities``.

    Args:
        task: whose n-gram path, if it has one, is left out.
        int8: store large weights in 8 bits.
    """
    graph = Graph("classify", int8=int8)
    model = task.model
    ids = graph.take("ids", "int64", [BATCH, "steps"])
    lengths = graph.take("lengths", "int64", [BATCH])
    affixes = None
    if task.config.text.affixes:
        shape: Axes = [BATCH, "steps", columns(task.config.text.affixes)]
        affixes = at_least_one(graph, graph.take("affixes", "int64", shape), 2, of=3)
    count = graph.size(ids, 0)
    ids = at_least_one(graph, ids, 2, of=2)
    short = graph.add("Cast", lengths, attributes={"to": TYPES["int32"]})
    vectors = add_token_vectors(graph, model.vectors, ids, affixes)
    rows = graph.add("Transpose", vectors, attributes={"perm": [1, 0, 2]})
    batch = padded(graph, rows, at_least_one(graph, short, 1, of=1))
    batch, hidden = _encode(graph, model, batch)
    _answer(graph, task, add_pool(graph, model.pool, batch, hidden), count)
    return graph.model()


def _encode(graph: Graph, model: SequenceClassifier, batch: Padded) -> tuple[Padded, str | None]:
    """Rows of the last layer, and its final hidden state ``[directions, B, H]``."""
    encoder = model.encoder
    if encoder is None:
        return batch, None
    if model.segment is not None:
        pieces, _ = add_layers(graph, encoder, cut(graph, batch, model.segment), None)
        return joined(graph, pieces, batch, model.segment), None
    outputs, finals = add_layers(graph, encoder, batch, None)
    stacked = encoder.num_layers * encoder.directions
    places = graph.numbers(stacked - encoder.directions), graph.numbers(stacked)
    return outputs, graph.slice(finals[0], *places, 0)


def _answer(graph: Graph, task: ClassifyTask, pooled: str, count: str) -> None:
    scores = graph.linear(pooled, task.model.output.weight, task.model.output.bias)
    weight = graph.constant(np.array(task.blend.recurrent, np.float32))
    scores = first_rows(graph, graph.add("Mul", scores, weight), count)
    chosen = "Sigmoid" if task.multilabel else "Softmax"
    attributes = None if task.multilabel else {"axis": 1}
    shape: Axes = [BATCH, len(task.labels)]
    graph.give("scores", scores, "float32", shape)
    graph.give("probabilities", graph.add(chosen, scores, attributes=attributes), "float32", shape)


def classify_state(task: ClassifyTask) -> list[StatePart]:
    """What a classifier of one direction carries from token to token."""
    model = task.model
    parts = [] if model.encoder is None else layer_parts(model.encoder)
    features = model.output.weight.size(1)
    carried = carried_sizes(model.pool, features)
    parts += [StatePart(name, "float32", (size,)) for name, size in carried.items()]
    if carried or model.segment is not None:
        parts.append(StatePart("steps", "int64", (1,)))
    return parts


def classify_step(task: ClassifyTask, *, int8: bool) -> bytes:
    """``ids [B, 1]``, ``affixes [B, A]`` and the state to the scores of the text so far."""
    graph = Graph("classify_step", int8=int8)
    model = task.model
    ids = graph.take("ids", "int64", [BATCH, 1])
    affixes = None
    if task.config.text.affixes:
        shape: Axes = [BATCH, columns(task.config.text.affixes)]
        affixes = at_least_one(graph, graph.take("affixes", "int64", shape), 1, of=2)
        affixes = graph.add("Unsqueeze", affixes, graph.numbers(0))
    parts = classify_state(task)
    state = take_state(graph, parts)
    count = graph.size(ids, 0)
    ids = graph.add("Transpose", at_least_one(graph, ids, 1, of=2), attributes={"perm": [1, 0]})
    rows = add_token_vectors(graph, model.vectors, ids, affixes)
    row, after = _step_layers(graph, model, rows, state)
    pooled = row
    if not isinstance(model.pool, LastPool):
        found = add_pool_step(graph, model.pool, row, state["steps"], state)
        pooled, after = found.vector, {**after, **found.carried}
    if "steps" in state:
        after["steps"] = graph.add("Add", state["steps"], graph.constant(np.array(1, np.int64)))
    _answer(graph, task, pooled, count)
    give_state(graph, parts, after, count)
    return graph.model()


def _step_layers(
    graph: Graph, model: SequenceClassifier, rows: str, state: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """The row ``[B, F]`` of one step ``[1, B, E]``, and the state of the layers after it."""
    row = graph.numbers(0)
    if model.encoder is None:
        return graph.add("Squeeze", rows, row), {}
    start = to_layers(graph, model.encoder, state)
    if model.segment is not None:
        start = [_restarted(graph, part, state["steps"], model.segment) for part in start]
    outputs, finals = add_layers(graph, model.encoder, one_step(graph, rows), start)
    return graph.add("Squeeze", outputs.rows, row), from_layers(graph, model.encoder, finals)


def one_step(graph: Graph, rows: str) -> Padded:
    """Rows ``[1, B, E]`` as a batch in which every sequence has this one step."""
    one = graph.constant(torch.ones(1, dtype=torch.int32))
    return padded(graph, rows, graph.add("Expand", one, graph.size(rows, 1)))


def _restarted(graph: Graph, part: str, steps: str, segment: int) -> str:
    """The state ``[layers, B, H]``, zeros where a piece begins."""
    place = graph.add("Mod", steps, graph.constant(np.array(segment, np.int64)))
    begins = graph.add("Equal", place, graph.constant(np.array(0, np.int64)))
    return graph.add("Where", begins, graph.constant(np.array(0, np.float32)), part)
