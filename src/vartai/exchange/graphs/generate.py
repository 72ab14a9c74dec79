"""A language model as a graph: ids and a state to log-probabilities of what follows."""

from __future__ import annotations

from vartai.exchange.graphs.batch import Padded, at_least_one, first_rows, padded
from vartai.exchange.graphs.classify import one_step
from vartai.exchange.graphs.graph import TYPES, Graph
from vartai.exchange.graphs.layers import add_layers
from vartai.exchange.graphs.softmax import add_log_probabilities
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
from vartai.models.language_model import RecurrentLanguageModel
from vartai.tasks.generate.task import GenerateTask


def generate_model(task: GenerateTask, *, int8: bool) -> bytes:
    """``ids [B, T]``, ``lengths [B]`` and a state to ``log_probabilities [B, T, V]`` and a state.

    Past a sequence's end the log-probabilities mean nothing.
    """
    graph = Graph("generate", int8=int8)
    model, parts = task.model, generate_state(task)
    ids = graph.take("ids", "int64", [BATCH, "steps"])
    lengths = graph.take("lengths", "int64", [BATCH])
    state = take_state(graph, parts)
    count, steps = graph.size(ids, 0), graph.size(ids, 1)
    ids = at_least_one(graph, ids, 2, of=2)
    short = graph.add("Cast", lengths, attributes={"to": TYPES["int32"]})
    vectors = add_token_vectors(graph, model.vectors, ids, None)
    rows = graph.add("Transpose", vectors, attributes={"perm": [1, 0, 2]})
    batch = padded(graph, rows, at_least_one(graph, short, 1, of=1))
    found, after = _log_probabilities(graph, model, batch, state)
    found = graph.add("Transpose", found, attributes={"perm": [1, 0, 2]})
    found = first_rows(graph, first_rows(graph, found, count), steps, axis=1)
    graph.give("log_probabilities", found, "float32", [BATCH, "steps", task.tokenizer.size])
    give_state(graph, parts, after, count)
    return graph.model()


def generate_state(task: GenerateTask) -> list[StatePart]:
    """What a language model carries from unit to unit."""
    return layer_parts(task.model.encoder)


def generate_step(task: GenerateTask, *, int8: bool) -> bytes:
    """``ids [B, 1]`` and a state to ``log_probabilities [B, V]`` and the state after."""
    graph = Graph("generate_step", int8=int8)
    parts = generate_state(task)
    ids = graph.take("ids", "int64", [BATCH, 1])
    state = take_state(graph, parts)
    count = graph.size(ids, 0)
    ids = graph.add("Transpose", at_least_one(graph, ids, 1, of=2), attributes={"perm": [1, 0]})
    rows = add_token_vectors(graph, task.model.vectors, ids, None)
    found, after = _log_probabilities(graph, task.model, one_step(graph, rows), state)
    found = first_rows(graph, graph.add("Squeeze", found, graph.numbers(0)), count)
    graph.give("log_probabilities", found, "float32", [BATCH, task.tokenizer.size])
    give_state(graph, parts, after, count)
    return graph.model()


def _log_probabilities(
    graph: Graph, model: RecurrentLanguageModel, batch: Padded, state: dict[str, str]
) -> tuple[str, dict[str, str]]:
    start = to_layers(graph, model.encoder, state)
    outputs, finals = add_layers(graph, model.encoder, batch, start)
    rows = outputs.rows
    if model.projection is not None:
        rows = graph.linear(rows, model.projection.weight, model.projection.bias)
    return add_log_probabilities(graph, model.output, rows), from_layers(
        graph, model.encoder, finals
    )
