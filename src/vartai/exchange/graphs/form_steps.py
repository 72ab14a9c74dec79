"""The steps of RNN, LSTM and GRU in all their forms, node by node.

The definitions are `vartai.kernels.reference`; names here are those of the equations there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from vartai.exchange.graphs.graph import Graph
from vartai.exchange.graphs.scanned import ScannedCell
from vartai.kernels.forms import CellWeights, Form
from vartai.kernels.reference.normalised import EPSILON

_OPERATORS = {
    "tanh": "Tanh",
    "relu": "Relu",
    "elu": "Elu",
    "identity": "Identity",
    "sigmoid": "Sigmoid",
    "softplus": "Softplus",
    "softsign": "Softsign",
}


def form_cell(form: Form, weights: CellWeights) -> ScannedCell:
    """A form of RNN, LSTM or GRU, to be scanned."""
    size = weights.weight_ih.size(0) // len(form.gates)
    builders = {"rnn": _rnn, "lstm": _lstm, "gru": _gru}
    return builders[form.cell](form, weights, size)


def split(graph: Graph, value: str, count: int) -> list[str]:
    """Blocks of equal size along the last axis."""
    if count == 1:
        return [value]
    return graph.add_several("Split", [value], count, {"axis": -1, "num_outputs": count})


def activate(graph: Graph, name: str, value: str) -> str:
    """One of `vartai.kernels.activations.ACTIVATIONS`."""
    if name == "leaky_relu":
        return graph.add("LeakyRelu", value, attributes={"alpha": 0.01})
    if name == "hardtanh":
        low, high = (graph.constant(np.array(bound, np.float32)) for bound in (-1, 1))
        return graph.add("Clip", value, low, high)
    return graph.add(_OPERATORS[name], value)


def _rnn(form: Form, w: CellWeights, size: int) -> ScannedCell:
    def inputs(graph: Graph, rows: str) -> str:
        return graph.linear(rows, w.weight_ih, None)

    def step(graph: Graph, sums: str, state: list[str]) -> list[str]:
        total = graph.add("Add", sums, graph.linear(state[0], w.weight_hh, None))
        total = _normal(graph, total, w.gain)
        for bias in (w.bias_ih, w.bias_hh):
            total = _plus(graph, total, bias)
        return [activate(graph, form.activation, total)]

    return ScannedCell(inputs, step, size, form.state_sizes(size))


def _lstm(form: Form, w: CellWeights, size: int) -> ScannedCell:
    def inputs(graph: Graph, rows: str) -> str:
        product = graph.linear(rows, w.weight_ih, None)
        return _plus(graph, _normal(graph, product, w.gain_ih), w.bias_ih)

    def step(graph: Graph, sums: str, state: list[str]) -> list[str]:
        hidden, cell = state[:2]
        recalled = _normal(graph, graph.linear(hidden, w.weight_hh, None), w.gain_hh)
        total = graph.add("Add", sums, _plus(graph, recalled, w.bias_hh))
        blocks = dict(zip(form.gates, split(graph, total, len(form.gates)), strict=True))
        blocks |= _recalled_gates(graph, form, w, blocks, state[2:])
        peepholes = _peepholes(form, w)
        gates = {}
        if "input" in blocks:
            gates["input"] = _gate(graph, blocks["input"], peepholes, "input", cell)
        if form.coupled:
            gates["forget"] = graph.add("Sub", _one(graph), gates["input"])
        elif "forget" in blocks:
            gates["forget"] = _gate(graph, blocks["forget"], peepholes, "forget", cell)
        fresh = activate(graph, form.activation, blocks["candidate"])
        cell = graph.add(
            "Add", _through(graph, gates, "forget", cell), _through(graph, gates, "input", fresh)
        )
        if "output" in blocks:
            gates["output"] = _gate(graph, blocks["output"], peepholes, "output", cell)
        shown = _plus(graph, _normal(graph, cell, w.gain_cell), w.bias_cell)
        shown = activate(graph, form.shown_activation, shown)
        hidden = _through(graph, gates, "output", shown)
        if w.weight_hr is not None:
            hidden = graph.linear(hidden, w.weight_hr, None)
        if w.weight_gg is None:
            return [hidden, cell]
        return [hidden, cell, graph.join([gates[gate] for gate in form.sigmoids], -1)]

    return ScannedCell(inputs, step, len(form.gates) * size, form.state_sizes(size))


def _one(graph: Graph) -> str:
    return graph.constant(np.array(1, np.float32))


def _through(graph: Graph, gates: Mapping[str, str], gate: str, value: str) -> str:
    """What a gate lets through: all, of one that is not there."""
    return graph.add("Mul", gates[gate], value) if gate in gates else value


def _recalled_gates(
    graph: Graph, form: Form, w: CellWeights, blocks: Mapping[str, str], before: Sequence[str]
) -> dict[str, str]:
    """The sums of gates that see those of the step before."""
    if w.weight_gg is None:
        return {}
    recalled = split(graph, graph.linear(before[0], w.weight_gg, None), len(form.sigmoids))
    pairs = zip(form.sigmoids, recalled, strict=True)
    return {gate: graph.add("Add", blocks[gate], own) for gate, own in pairs}


def _gru(form: Form, w: CellWeights, size: int) -> ScannedCell:
    def inputs(graph: Graph, rows: str) -> str:
        product = graph.linear(rows, w.weight_ih, None)
        return _plus(graph, _normal_gru(graph, product, w.gain_ih), w.bias_ih)

    def step(graph: Graph, sums: str, state: list[str]) -> list[str]:
        (hidden,) = state
        update, recalled = _recalled(graph, form, w, sums, hidden)
        candidate = split(graph, sums, 3)[2]
        candidate = activate(graph, form.activation, graph.add("Add", candidate, recalled))
        fresh = graph.add("Mul", graph.add("Sub", _one(graph), update), candidate)
        return [graph.add("Add", fresh, graph.add("Mul", update, hidden))]

    return ScannedCell(inputs, step, 3 * size, form.state_sizes(size))


def _recalled(graph: Graph, form: Form, w: CellWeights, sums: str, hidden: str) -> tuple[str, str]:
    """The update gate, and what the candidate recalls."""
    size = w.weight_hh.size(1)
    input_r, input_z, _ = split(graph, sums, 3)
    if not form.reset_before:
        product = _normal_gru(graph, graph.linear(hidden, w.weight_hh, None), w.gain_hh)
        hidden_r, hidden_z, hidden_n = split(graph, _plus(graph, product, w.bias_hh), 3)
        reset = graph.add("Sigmoid", graph.add("Add", input_r, hidden_r))
        update = graph.add("Sigmoid", graph.add("Add", input_z, hidden_z))
        return update, graph.add("Mul", reset, hidden_n)
    gates, candidate = (_part(w, part) for part in (slice(0, 2 * size), slice(2 * size, None)))
    product = _normal(graph, graph.linear(hidden, gates[0], None), gates[2])
    hidden_r, hidden_z = split(graph, _plus(graph, product, gates[1]), 2)
    reset = graph.add("Sigmoid", graph.add("Add", input_r, hidden_r))
    update = graph.add("Sigmoid", graph.add("Add", input_z, hidden_z))
    product = graph.linear(graph.add("Mul", reset, hidden), candidate[0], None)
    return update, _plus(graph, _normal(graph, product, candidate[2]), candidate[1])


def _part(w: CellWeights, rows: slice) -> tuple[Tensor, Tensor | None, Tensor | None]:
    bias, gain = (None if part is None else part[rows] for part in (w.bias_hh, w.gain_hh))
    return w.weight_hh[rows], bias, gain


def _peepholes(form: Form, w: CellWeights) -> dict[str, Tensor]:
    if w.peephole is None:
        return {}
    return dict(zip(form.sigmoids, w.peephole.chunk(len(form.sigmoids)), strict=True))


def _gate(graph: Graph, sums: str, peepholes: dict[str, Tensor], gate: str, cell: str) -> str:
    if gate in peepholes:
        seen = graph.add("Mul", cell, graph.constant(peepholes[gate]))
        sums = graph.add("Add", sums, seen)
    return graph.add("Sigmoid", sums)


def _plus(graph: Graph, value: str, bias: Tensor | None) -> str:
    return value if bias is None else graph.add("Add", value, graph.constant(bias))


def _normal(graph: Graph, value: str, gain: Tensor | None) -> str:
    """Layer normalisation over the last axis."""
    if gain is None:
        return value
    attributes = {"axis": -1, "epsilon": EPSILON}
    return graph.add("LayerNormalization", value, graph.constant(gain), attributes=attributes)


def _normal_gru(graph: Graph, value: str, gain: Tensor | None) -> str:
    """Sums of both gates normalised jointly, those of the candidate by themselves."""
    if gain is None:
        return value
    size = gain.numel() // 3
    parts = graph.add_several("Split", [value, graph.numbers(2 * size, size)], 2, {"axis": -1})
    gains: Sequence[Tensor] = torch.split(gain, [2 * size, size])
    both = [_normal(graph, part, own) for part, own in zip(parts, gains, strict=True)]
    return graph.join(both, -1)
