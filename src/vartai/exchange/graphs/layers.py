"""Recurrent layers of `vartai.nn` in a graph: ONNX's operators where they do, Scan elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from vartai.errors import OptionError
from vartai.exchange.graphs.batch import Padded, at_least_one, first_rows, padded
from vartai.exchange.graphs.form_steps import form_cell
from vartai.exchange.graphs.graph import Graph
from vartai.exchange.graphs.operators import add_operator, has_operator
from vartai.exchange.graphs.parallel_steps import parallel_cell
from vartai.exchange.graphs.scanned import add_scan
from vartai.nn.layer_stack import LayerStack
from vartai.nn.layers import RecurrentLayers
from vartai.nn.sequence_layers import SequenceLayers

AnyLayers = RecurrentLayers | LayerStack


def add_layers(
    graph: Graph, layers: SequenceLayers, batch: Padded, start: Sequence[str] | None
) -> tuple[Padded, list[str]]:
    """Add all layers.

    Args:
        graph: under construction.
        layers: of `vartai.nn`; their dropout has no place here.
        batch: rows ``[T, B, D]``.
        start: initial state ``[layers·directions, B, …]`` each; where None, zeros or what the
            layers have learned.

    Returns:
        Rows ``[T, B, F]``, and the final state ``[layers·directions, B, …]`` each.

    Raises:
        OptionError: layers that there is no graph for.
    """
    if not isinstance(layers, AnyLayers):
        raise OptionError(f"no graph is known for {type(layers).__name__}")
    if isinstance(layers, RecurrentLayers) and layers.zones_out:
        raise OptionError("no graph is known for zoneout")
    finals: list[list[str]] = []
    for layer in range(layers.num_layers):
        own = None if start is None else [_of_layer(graph, part, layer, layers) for part in start]
        if own is None:
            own = _learned(graph, layers, layer, batch)
        rows, final = _add_layer(graph, layers, layer, batch, own)
        batch = batch.with_rows(rows)
        finals.append(final)
    return batch, [graph.join(parts, 0) for parts in zip(*finals, strict=True)]


def _add_layer(
    graph: Graph, layers: AnyLayers, layer: int, batch: Padded, start: list[str] | None
) -> tuple[str, list[str]]:
    """One layer; its state is ``[directions, B, …]`` each."""
    suffixes = [f"l{layer}", f"l{layer}_reverse"][: layers.directions]
    if isinstance(layers, RecurrentLayers) and has_operator(layers.form):
        weights = [layers.form.named(layers.weights(suffix)) for suffix in suffixes]
        return add_operator(graph, layers.form, weights, batch, start)
    if start is None:
        start = [_zeros(graph, batch, layers.directions, size) for size in layers.state_sizes]
    outputs, finals = [], []
    for direction, suffix in enumerate(suffixes):
        if isinstance(layers, RecurrentLayers):
            cell = form_cell(layers.form, layers.form.named(layers.weights(suffix)))
        else:
            cell = parallel_cell(layers, suffix)
        own = [_direction(graph, part, direction) for part in start]
        rows, final = add_scan(graph, cell, batch, own, reverse=direction == 1)
        outputs.append(rows)
        finals.append([graph.add("Unsqueeze", part, graph.numbers(0)) for part in final])
    return graph.join(outputs, 2), [graph.join(parts, 0) for parts in zip(*finals, strict=True)]


def _of_layer(graph: Graph, part: str, layer: int, layers: AnyLayers) -> str:
    if layers.num_layers == 1:
        return part
    begin = layer * layers.directions
    end = begin + layers.directions
    return graph.slice(part, graph.numbers(begin), graph.numbers(end), 0)


def _direction(graph: Graph, part: str, direction: int) -> str:
    return graph.add("Gather", part, graph.constant(torch.tensor(direction)))


def _zeros(graph: Graph, batch: Padded, directions: int, size: int) -> str:
    nothing = graph.constant(torch.zeros(1, 1, 1))
    return _spread(graph, nothing, batch, (directions, size))


def _spread(graph: Graph, value: str, batch: Padded, sizes: tuple[int, int]) -> str:
    """``[directions or 1, 1, size or 1]`` for every sequence."""
    shape = graph.join(
        [graph.numbers(sizes[0]), graph.size(batch.lengths, 0), graph.numbers(sizes[1])], 0
    )
    return graph.add("Expand", value, shape)


def _learned(graph: Graph, layers: AnyLayers, layer: int, batch: Padded) -> list[str] | None:
    """The initial state that a layer has learned, for every sequence; None if it has not."""
    if not (isinstance(layers, RecurrentLayers) and layers.learned_state):
        return None
    suffixes = [f"l{layer}", f"l{layer}_reverse"][: layers.directions]
    by_part: list[tuple[Tensor, ...]] = list(
        zip(*(layers.fresh_state(s) for s in suffixes), strict=True)
    )
    found = []
    for parts in by_part:
        stacked = torch.stack([part.detach() for part in parts]).unsqueeze(1)
        sizes = (layers.directions, int(stacked.size(2)))
        found.append(_spread(graph, graph.constant(stacked), batch, sizes))
    return found


def layers_model(layers: AnyLayers, *, state: bool = False) -> bytes:
    """Layers alone as a model: ``inputs [T, B, D]`` and ``lengths [B]`` to outputs and final state.

    Args:
        layers: of `vartai.nn`, float32: RNN, LSTM, GRU, GateRecurrentLSTM, MinGRU, MinLSTM, IndRNN,
            SLSTM or ClockworkRNN.
        state: whether it takes an initial state too, ``hidden_in``, ``cell_in`` and so on.

    Returns:
        The model. Outputs are ``outputs [T, B, F]`` and ``hidden``, ``cell`` … of all layers,
        ``[layers·directions, B, …]``, as torch stacks them.

    Raises:
        MissingExtra: the `onnx` package is not installed.
        OptionError: the weights are not float32, or the layers are of another kind.
    """
    if next(layers.parameters()).dtype != torch.float32:
        raise OptionError("a graph is of float32; convert the layers with .float() first")
    graph = Graph("layers")
    rows = graph.take("inputs", "float32", ["T", "B", layers.input_size])
    lengths = graph.take("lengths", "int32", ["B"])
    steps, count = graph.size(rows, 0), graph.size(rows, 1)
    start = None
    if state:
        shapes = _state_shapes(layers)
        given = [graph.take(f"{part}_in", "float32", shape) for part, shape in shapes.items()]
        start = [at_least_one(graph, part, 2, of=3) for part in given]
    rows = at_least_one(graph, rows, 2, of=3)
    batch = padded(graph, rows, at_least_one(graph, lengths, 1, of=1))
    batch, finals = add_layers(graph, layers, batch, start)
    outputs = first_rows(graph, first_rows(graph, batch.rows, steps), count, axis=1)
    return _model(graph, layers, outputs, [first_rows(graph, f, count, axis=1) for f in finals])


def bare_layers_model(layers: RecurrentLayers, *, ragged: bool) -> bytes:
    """The same as operators that nothing guards, to time a runtime by.

    Args:
        layers: float32, of a form that ONNX has an operator for.
        ragged: whether there are ``lengths``; without them all sequences have T steps. There is no
            sequence without steps.
    """
    graph = Graph("layers")
    rows = graph.take("inputs", "float32", ["T", "B", layers.input_size])
    lengths = graph.take("lengths", "int32", ["B"]) if ragged else ""
    batch, finals = add_layers(graph, layers, Padded(rows, lengths, valid=""), None)
    return _model(graph, layers, batch.rows, finals)


def _state_shapes(layers: AnyLayers) -> dict[str, list[str | int]]:
    stacked = layers.num_layers * layers.directions
    return {part: [stacked, "B", size] for part, size in layers.state_by_name.items()}


def _model(graph: Graph, layers: AnyLayers, outputs: str, finals: Sequence[str]) -> bytes:
    graph.give("outputs", outputs, "float32", ["T", "B", layers.output_size])
    for (part, shape), final in zip(_state_shapes(layers).items(), finals, strict=True):
        graph.give(part, final, "float32", shape)
    return graph.model()
