"""A tagger as a graph: words, what they are made of, and their columns to a tag for each.

Each distinct form is spelled out once: `forms` says which one a word is, `characters`,
`character_lengths` and `affixes` say what each form is made of.
"""

from __future__ import annotations

import numpy as np

from vartai.exchange.graphs.batch import Padded, at_least_one, first_rows, padded
from vartai.exchange.graphs.classify import one_step
from vartai.exchange.graphs.graph import TYPES, Axes, Graph
from vartai.exchange.graphs.layers import add_layers
from vartai.exchange.graphs.pooling import add_pool
from vartai.exchange.graphs.state import (
    BATCH,
    StatePart,
    from_layers,
    give_state,
    layer_parts,
    take_state,
    to_layers,
)
from vartai.exchange.graphs.vectors import add_mean
from vartai.exchange.graphs.viterbi import add_viterbi
from vartai.models.tagger import WordVectors
from vartai.nn.pooling import LastPool
from vartai.nn.word_shapes import WordShapes
from vartai.tasks.tag.task import TagTask
from vartai.text.affixes import columns


def tag_model(task: TagTask, *, int8: bool) -> bytes:
    """Sentences to ``scores [B, T, C]`` and the best ``tags [B, T]``.

    Inputs are ``words [B, T]``, ``lengths [B]``; ``columns [B, T, n]`` where there are input
    columns; and, where the model reads what words are made of, ``forms [B, T]``, ``characters
    [U, M]`` with ``character_lengths [U]``, and ``affixes [U, A]``. Past a sentence's end scores
    are zeros and tags are -1.
    """
    graph = Graph("tag", int8=int8)
    words = graph.take("words", "int64", [BATCH, "steps"])
    lengths = graph.take("lengths", "int64", [BATCH])
    count, steps = graph.size(words, 0), graph.size(words, 1)
    vectors = _Vectors(graph, task)
    made = vectors.made_of_forms()
    more = vectors.of_columns(2)
    rows = vectors.joined(_by_step(graph, at_least_one(graph, words, 2, of=2)), made, more)
    short = graph.add("Cast", lengths, attributes={"to": TYPES["int32"]})
    batch = padded(graph, rows, at_least_one(graph, short, 1, of=1))
    batch, _ = add_layers(graph, task.model.encoder, batch, None)
    scores = graph.linear(batch.rows, task.model.output.weight, task.model.output.bias)
    scores = graph.add("Where", batch.valid, scores, graph.constant(np.array(0, np.float32)))
    tags = _best(graph, task, batch.with_rows(scores))
    for name, value, kind, tail in (
        ("scores", scores, "float32", [len(task.tags)]),
        ("tags", tags, "int64", []),
    ):
        turned = _by_step(graph, value, axes=2 + len(tail))
        kept = first_rows(graph, first_rows(graph, turned, count), steps, axis=1)
        graph.give(name, kept, kind, [BATCH, "steps", *tail])
    return graph.model()


def _best(graph: Graph, task: TagTask, scores: Padded) -> str:
    """``[T, B]``, int64; -1 past a sentence's end."""
    if task.model.crf is None:
        tags = graph.add("ArgMax", scores.rows, attributes={"axis": 2, "keepdims": 0})
    else:
        tags = add_viterbi(graph, task.model.crf, scores)
    valid = graph.add("Squeeze", scores.valid, graph.numbers(2))
    return graph.add("Where", valid, tags, graph.constant(np.array(-1, np.int64)))


def tag_state(task: TagTask) -> list[StatePart]:
    """What a tagger of one direction carries from word to word."""
    return layer_parts(task.model.encoder)


def tag_step(task: TagTask, *, int8: bool) -> bytes:
    """One word of each sentence and the state to ``scores [B, C]`` and the state after.

    Inputs are ``words [B, 1]``, ``columns [B, n]``, ``characters [B, M]`` with
    ``character_lengths [B, 1]``, ``affixes [B, A]``. With a conditional random field the scores
    are those before any transitions.
    """
    graph = Graph("tag_step", int8=int8)
    words = graph.take("words", "int64", [BATCH, 1])
    count = graph.size(words, 0)
    vectors = _Vectors(graph, task)
    made = vectors.made_of_words()
    more = vectors.of_columns(1)
    parts = tag_state(task)
    state = take_state(graph, parts)
    rows = vectors.joined(_by_step(graph, at_least_one(graph, words, 1, of=2)), made, more)
    start = to_layers(graph, task.model.encoder, state)
    outputs, finals = add_layers(graph, task.model.encoder, one_step(graph, rows), start)
    row = graph.add("Squeeze", outputs.rows, graph.numbers(0))
    scores = graph.linear(row, task.model.output.weight, task.model.output.bias)
    shape: Axes = [BATCH, len(task.tags)]
    graph.give("scores", first_rows(graph, scores, count), "float32", shape)
    give_state(graph, parts, from_layers(graph, task.model.encoder, finals), count)
    return graph.model()


class _Vectors:
    """`vartai.models.tagger.WordVectors` in a graph, a step first: ``[T, B, …]``."""

    def __init__(self, graph: Graph, task: TagTask) -> None:
        self._graph = graph
        self._model: WordVectors = task.model.vectors
        self._longest = task.config.model.affixes

    def made_of_forms(self) -> list[str]:
        """What each word is made of ``[T, B, …]``, looked up among the distinct forms."""
        if self._model.shapes is None and self._model.affixes is None:
            return []
        graph = self._graph
        forms = graph.take("forms", "int64", [BATCH, "steps"])
        forms = _by_step(graph, at_least_one(graph, forms, 2, of=2))
        found = self._made("forms", ["forms"])
        return [graph.add("Gather", part, forms) for part in found]

    def made_of_words(self) -> list[str]:
        """The same where each word is a form of its own ``[1, B, …]``."""
        graph = self._graph
        found = self._made(BATCH, [BATCH, 1])
        return [graph.add("Unsqueeze", part, graph.numbers(0)) for part in found]

    def _made(self, axis: str, lengths: list[str | int]) -> list[str]:
        graph, found = self._graph, []
        if self._model.shapes is not None:
            ids = graph.take("characters", "int64", [axis, "characters"])
            counts = graph.take("character_lengths", "int64", lengths)
            if len(lengths) == 2:
                counts = graph.add("Squeeze", counts, graph.numbers(1))
            found.append(_add_shapes(graph, self._model.shapes, ids, counts))
        if self._model.affixes is not None:
            ends = graph.take("affixes", "int64", [axis, columns(self._longest)])
            ends = at_least_one(graph, ends, 1, of=2)
            found.append(add_mean(graph, self._model.affixes.weight, ends))
        return found

    def of_columns(self, axes: int) -> list[str]:
        """Vectors of the input columns ``[T, B, …]``, T being 1 where there is one axis."""
        graph, tables = (
            self._graph,
            [table.get_parameter("weight") for table in self._model.columns],
        )
        if not tables:
            return []
        shape: Axes = [BATCH, "steps", len(tables)] if axes == 2 else [BATCH, len(tables)]
        ids = at_least_one(graph, graph.take("columns", "int64", shape), axes, of=axes + 1)
        if axes == 1:
            ids = graph.add("Unsqueeze", ids, graph.numbers(0))
        else:
            ids = _by_step(graph, ids, axes=3)
        places = (graph.constant(np.array(place, np.int64)) for place in range(len(tables)))
        parts = [graph.add("Gather", ids, place, attributes={"axis": 2}) for place in places]
        return [graph.look_up(table, part) for table, part in zip(tables, parts, strict=True)]

    def joined(self, words: str, made: list[str], more: list[str]) -> str:
        """All of it side by side, in the order of `WordVectors`."""
        own = self._graph.look_up(self._model.embedding.weight, words)
        return self._graph.join([own, *made, *more], 2)


def _add_shapes(graph: Graph, shapes: WordShapes, ids: str, lengths: str) -> str:
    """Ids of characters ``[U, M]`` to vectors ``[U, size]``."""
    rows = graph.look_up(
        shapes.embedding.weight, _by_step(graph, at_least_one(graph, ids, 2, of=2))
    )
    short = graph.add("Cast", lengths, attributes={"to": TYPES["int32"]})
    batch = padded(graph, rows, at_least_one(graph, short, 1, of=1))
    batch, finals = add_layers(graph, shapes.encoder, batch, None)
    stacked = shapes.encoder.num_layers * shapes.encoder.directions
    places = graph.numbers(stacked - shapes.encoder.directions), graph.numbers(stacked)
    last = graph.slice(finals[0], *places, 0)
    return add_pool(graph, LastPool(bidirectional=True), batch, last)


def _by_step(graph: Graph, value: str, *, axes: int = 2) -> str:
    """The first two axes change places."""
    perm = [1, 0, *range(2, axes)]
    return graph.add("Transpose", value, attributes={"perm": perm})
