"""The steps of cells that stand on `LayerStack`, node by node, as `vartai.kernels.reference`."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from vartai.errors import OptionError
from vartai.exchange.graphs.form_steps import activate, split
from vartai.exchange.graphs.graph import Graph
from vartai.exchange.graphs.scanned import ScannedCell, Step
from vartai.kernels.clockwork import cycle, whole_recurrent
from vartai.nn.clockwork_rnn import ClockworkRNN
from vartai.nn.ind_rnn import IndRNN
from vartai.nn.layer_stack import LayerStack
from vartai.nn.min_gru import MinGRU
from vartai.nn.min_lstm import MinLSTM
from vartai.nn.slstm import SLSTM


def parallel_cell(layers: LayerStack, suffix: str) -> ScannedCell:
    """One direction of such layers, to be scanned.

    Raises:
        OptionError: layers of another kind.
    """
    weight, bias = layers.input_weights(suffix)
    size = layers.hidden_size

    def inputs(graph: Graph, rows: str) -> str:
        return graph.linear(rows, weight, bias)

    if isinstance(layers, MinGRU | MinLSTM):
        kind = layers.candidate
        minimal = _min_gru if isinstance(layers, MinGRU) else _min_lstm
        return ScannedCell(
            inputs, lambda g, sums, state: minimal(g, sums, state, kind), weight.size(0), (size,)
        )
    if isinstance(layers, IndRNN):
        own, nonlinearity = layers.parameter("weight_hh", suffix), layers.nonlinearity

        def step(graph: Graph, sums: str, state: list[str]) -> list[str]:
            recalled = graph.add("Mul", state[0], graph.constant(own))
            return [activate(graph, nonlinearity, graph.add("Add", sums, recalled))]

        return ScannedCell(inputs, step, size, (size,))
    if isinstance(layers, SLSTM):
        recurrent = _whole(layers.parameter("weight_hh", suffix))
        return ScannedCell(
            inputs, lambda g, sums, state: _slstm(g, sums, state, recurrent), 4 * size, (size,) * 4
        )
    if isinstance(layers, ClockworkRNN):
        return ScannedCell(inputs, _clockwork(layers, suffix), size, layers.state_sizes)
    raise OptionError(f"no graph is known for {type(layers).__name__}")


def _clockwork(layers: ClockworkRNN, suffix: str) -> Step:
    """The clock is a part of the state; it is compared with the period of each unit's module."""
    recurrent = layers.direction_weights(suffix).recurrent
    whole = whole_recurrent(recurrent)
    sizes = torch.tensor([part.size(0) for part in recurrent])
    periods = torch.tensor(layers.periods, dtype=torch.float32).repeat_interleave(sizes)

    def step(graph: Graph, sums: str, state: list[str]) -> list[str]:
        hidden, clock = state
        total = graph.add("Add", sums, graph.linear(hidden, whole, None))
        new = activate(graph, layers.nonlinearity, total)
        numbers = (np.array(number, np.float32) for number in (0, 1, cycle(layers.periods)))
        zero, one, every = (graph.constant(number) for number in numbers)
        due = graph.add("Equal", _remainder(graph, clock, graph.constant(periods)), zero)
        after = _remainder(graph, graph.add("Add", clock, one), every)
        return [graph.add("Where", due, new, hidden), after]

    return step


def _remainder(graph: Graph, value: str, by: str) -> str:
    return graph.add("Mod", value, by, attributes={"fmod": 1})


def _candidate(graph: Graph, kind: str, value: str) -> str:
    if kind != "g":
        return activate(graph, kind, value)
    zero, half = (graph.constant(np.array(number, np.float32)) for number in (0, 0.5))
    above = graph.add("GreaterOrEqual", value, zero)
    return graph.add("Where", above, graph.add("Add", value, half), graph.add("Sigmoid", value))


def _mixed(graph: Graph, new: str, old: str, share: str) -> str:
    """``(1 - share) · old + share · new``."""
    rest = graph.add("Sub", graph.constant(np.array(1, np.float32)), share)
    return graph.add("Add", graph.add("Mul", rest, old), graph.add("Mul", share, new))


def _min_gru(graph: Graph, sums: str, state: list[str], kind: str) -> list[str]:
    update, value = split(graph, sums, 2)
    candidate = _candidate(graph, kind, value)
    return [_mixed(graph, candidate, state[0], graph.add("Sigmoid", update))]


def _min_lstm(graph: Graph, sums: str, state: list[str], kind: str) -> list[str]:
    forget, take, value = split(graph, sums, 3)
    logs = graph.add("Sub", _log_sigmoid(graph, forget), _log_sigmoid(graph, take))
    keep = graph.add("Sigmoid", logs)
    return [_mixed(graph, state[0], _candidate(graph, kind, value), keep)]


def _log_sigmoid(graph: Graph, value: str) -> str:
    """``-softplus(-v)``."""
    return graph.add("Neg", graph.add("Softplus", graph.add("Neg", value)))


def _slstm(graph: Graph, sums: str, state: list[str], recurrent: Tensor) -> list[str]:
    hidden, cell, normaliser, stabiliser = state
    total = graph.add("Add", sums, graph.linear(hidden, recurrent, None))
    i, f, z, o = split(graph, total, 4)
    zero = graph.constant(np.array(0, np.float32))
    log_forget = graph.add("Add", stabiliser, _log_sigmoid(graph, f))
    fresh = graph.add("Equal", normaliser, zero)
    highest = graph.add("Where", fresh, i, graph.add("Max", i, log_forget))
    take = graph.add("Exp", graph.add("Sub", i, highest))
    keep = graph.add("Exp", graph.add("Min", graph.add("Sub", log_forget, highest), zero))
    cell = graph.add(
        "Add", graph.add("Mul", keep, cell), graph.add("Mul", take, graph.add("Tanh", z))
    )
    normaliser = graph.add("Add", graph.add("Mul", keep, normaliser), take)
    shown = graph.add("Div", graph.add("Mul", graph.add("Sigmoid", o), cell), normaliser)
    return [shown, cell, normaliser, highest]


def _whole(recurrent: Tensor) -> Tensor:
    """``[heads, read, 4, written]`` as one matrix ``[4·H, H]`` with zeros between the heads."""
    heads, read, gates, written = recurrent.shape
    whole = torch.zeros(gates, heads, written, heads, read)
    for head in range(heads):
        whole[:, head, :, head, :] = recurrent[head].detach().permute(1, 2, 0)
    return whole.reshape(gates * heads * written, heads * read)
