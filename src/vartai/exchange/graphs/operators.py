"""One recurrent layer as ONNX's own operator: RNN-22, GRU-22, LSTM-22 of onnx/docs/Operators.md.

A GRU is torch's where `linear_before_reset` is 1, Cho's where it is 0. onnxruntime gives zeros for
the final state of a sequence of no steps; the specification leaves it open, and Vartai's is the
initial state, so a node puts it right. Outputs past a sequence's end are zeros.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from vartai.exchange.gate_order import to_onnx_order
from vartai.exchange.graphs.batch import Padded
from vartai.exchange.graphs.graph import Graph
from vartai.kernels.forms import CellWeights, Form

# Vartai's name of an activation → ONNX's, its alpha and its beta.
ACTIVATIONS: dict[str, tuple[str, float, float]] = {
    "tanh": ("Tanh", 0.0, 0.0),
    "relu": ("Relu", 0.0, 0.0),
    "elu": ("Elu", 1.0, 0.0),
    "identity": ("Affine", 1.0, 0.0),
    "leaky_relu": ("LeakyRelu", 0.01, 0.0),
    "sigmoid": ("Sigmoid", 0.0, 0.0),
    "softplus": ("Softplus", 0.0, 0.0),
    "softsign": ("Softsign", 0.0, 0.0),
}


def has_operator(form: Form) -> bool:
    """Whether ONNX has an operator for this form."""
    foreign = form.projection or form.layer_norm or form.without or form.gate_recurrence
    return not foreign and {form.activation, form.shown_activation} <= ACTIVATIONS.keys()


def add_operator(
    graph: Graph,
    form: Form,
    weights: Sequence[CellWeights],
    batch: Padded,
    start: Sequence[str] | None,
) -> tuple[str, list[str]]:
    """Add a layer.

    Args:
        graph: under construction.
        form: of the cell, one that has an operator.
        weights: of each direction.
        batch: rows ``[T, B, D]``.
        start: initial state ``[directions, B, H]`` each; None for zeros.

    Returns:
        Outputs ``[T, B, H·directions]``, and the final state as `start`.
    """
    size = weights[0].weight_hh.size(1)
    cell = form.cell.upper()
    first = list(start) if start is not None else [""] * len(form.state_sizes(size))
    inputs = [
        batch.rows,
        _weights(graph, form, [w.weight_ih for w in weights]),
        _weights(graph, form, [w.weight_hh for w in weights]),
        _biases(graph, form, weights),
        batch.lengths,
        *first,
    ]
    if form.peepholes:
        inputs.append(graph.constant(torch.stack([_peepholes(form, w) for w in weights])))
    count = 1 + len(form.state_sizes(size))
    by_direction, *finals = graph.add_several(
        cell, inputs, count, _attributes(form, size, len(weights))
    )
    if start is not None:
        finals = [_where_steps(graph, batch, *pair) for pair in zip(finals, start, strict=True)]
    if len(weights) == 1:
        return graph.add("Squeeze", by_direction, graph.numbers(1)), finals
    # [T, directions, B, H] to [T, B, directions·H]; in a shape, 0 stands for "as it was".
    turned = graph.add("Transpose", by_direction, attributes={"perm": [0, 2, 1, 3]})
    return graph.add("Reshape", turned, graph.numbers(0, 0, len(weights) * size)), finals


def _where_steps(graph: Graph, batch: Padded, final: str, start: str) -> str:
    """The final state where a sequence has steps, the initial one where it has none."""
    none = graph.add("Equal", batch.lengths, graph.constant(np.array(0, np.int32)))
    return graph.add("Where", graph.add("Unsqueeze", none, graph.numbers(1)), start, final)


def _attributes(form: Form, size: int, directions: int) -> dict[str, object]:
    own = {
        "rnn": [form.activation],
        "gru": ["sigmoid", form.activation],
        "lstm": ["sigmoid", form.activation, form.shown_activation],
    }[form.cell]
    used = [ACTIVATIONS[name] for name in own] * directions
    found: dict[str, object] = {
        "hidden_size": size,
        "direction": "bidirectional" if directions == 2 else "forward",
        "activations": [name for name, _, _ in used],
    }
    # In the order of the functions, for those alone that have such a number.
    if any(alpha for _, alpha, _ in used):
        found["activation_alpha"] = [alpha for _, alpha, _ in used if alpha]
    if any(name == "Affine" for name, _, _ in used):
        found["activation_beta"] = [beta for name, _, beta in used if name == "Affine"]
    if form.cell == "gru":
        found["linear_before_reset"] = 0 if form.reset_before else 1
    if form.coupled:
        found["input_forget"] = 1
    return found


def _in_order(form: Form, stacked: Tensor) -> Tensor:
    stacked = stacked.detach()
    if form.coupled:
        # The operator wants a block for the forget gate too, and does not look at it.
        i, g, o = stacked.chunk(3)
        stacked = torch.cat([i, torch.zeros_like(i), g, o])
    return to_onnx_order(form.cell.upper(), stacked)


def _weights(graph: Graph, form: Form, by_direction: Sequence[Tensor]) -> str:
    """``[directions, G·H, D]``."""
    stacked = torch.stack([_in_order(form, weight) for weight in by_direction])
    return graph.weight(stacked, like=by_direction[0])


def _biases(graph: Graph, form: Form, weights: Sequence[CellWeights]) -> str:
    """``[directions, 2·G·H]``; left out where there are none."""
    if weights[0].bias_ih is None:
        return ""
    both = [
        torch.cat([_in_order(form, bias) for bias in (w.bias_ih, w.bias_hh) if bias is not None])
        for w in weights
    ]
    return graph.constant(torch.stack(both))


def _peepholes(form: Form, weights: CellWeights) -> Tensor:
    """``[3·H]`` in the operator's order: input, output, forget."""
    if weights.peephole is None:
        raise ValueError("peepholes: the weights have none")
    parts = weights.peephole.detach().chunk(2 if form.coupled else 3)
    i, o = parts[0], parts[-1]
    return torch.cat([i, o, torch.zeros_like(i) if form.coupled else parts[1]])
