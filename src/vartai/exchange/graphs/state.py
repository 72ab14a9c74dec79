"""State of layers as inputs and outputs of a graph: a sequence first, as servers batch.

Names end in ``_in`` and ``_out`` and are declared in alphabetical order, so that whoever sorts
either side pairs them rightly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vartai.exchange.graphs.batch import at_least_one, first_rows
from vartai.exchange.graphs.graph import Graph
from vartai.nn.sequence_layers import SequenceLayers

BATCH = "batch"


@dataclass(frozen=True)
class StatePart:
    """One tensor of a state.

    Args:
        name: without ``_in`` or ``_out``.
        kind: of its numbers: float32 or int64.
        shape: of one sequence.
    """

    name: str
    kind: str
    shape: tuple[int, ...]


def layer_parts(layers: SequenceLayers) -> list[StatePart]:
    """What the state of layers in one direction is made of."""
    return [
        StatePart(name, "float32", (layers.num_layers, size))
        for name, size in layers.state_by_name.items()
    ]


def take_state(graph: Graph, parts: Sequence[StatePart]) -> dict[str, str]:
    """Inputs for a state, by the names of its parts; at least one sequence."""
    found = {}
    for part in sorted(parts, key=lambda part: part.name):
        value = graph.take(f"{part.name}_in", part.kind, [BATCH, *part.shape])
        found[part.name] = at_least_one(graph, value, 1, of=1 + len(part.shape))
    return found


def give_state(
    graph: Graph, parts: Sequence[StatePart], values: Mapping[str, str], count: str
) -> None:
    """Outputs for a state, of the first `count` sequences."""
    for part in sorted(parts, key=lambda part: part.name):
        value = first_rows(graph, values[part.name], count)
        graph.give(f"{part.name}_out", value, part.kind, [BATCH, *part.shape])


def to_layers(graph: Graph, layers: SequenceLayers, values: Mapping[str, str]) -> list[str]:
    """``[B, layers, …]`` to what `add_layers` takes, ``[layers, B, …]``."""
    return [_turned(graph, values[name]) for name in layers.state_by_name]


def from_layers(graph: Graph, layers: SequenceLayers, finals: Sequence[str]) -> dict[str, str]:
    """The other way round."""
    pairs = zip(layers.state_by_name, finals, strict=True)
    return {name: _turned(graph, part) for name, part in pairs}


def _turned(graph: Graph, value: str) -> str:
    return graph.add("Transpose", value, attributes={"perm": [1, 0, 2]})
