"""Layers of `vartai.nn` from the recurrent nodes of an ONNX model, whose weights are inside it.

The file is parsed, never run. Weights in other files ("external data") are refused: a model file
could name any file of the machine.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vartai.errors import InputError, MissingExtra, OptionError
from vartai.exchange.gate_order import from_onnx_order
from vartai.exchange.graphs.operators import ACTIVATIONS
from vartai.exchange.import_plan import TensorNames
from vartai.exchange.layers_in import stack_layers
from vartai.exchange.network import Network
from vartai.exchange.tensor_files import require_file
from vartai.nn.gru import GRU
from vartai.nn.layers import RecurrentLayers
from vartai.nn.lstm import LSTM
from vartai.nn.rnn import RNN

_GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
_NAMES = {onnx.lower(): own for own, (onnx, _, _) in ACTIVATIONS.items()}
_FLOAT = 1  # onnx.TensorProto.FLOAT


def layers_from_onnx(path: str | Path, *, node: str | None = None) -> RecurrentLayers:
    """One layer from a recurrent node of an ONNX file.

    Args:
        path: of the file.
        node: name of the node, where there are several; the name of its first output will do.

    Raises:
        InputError: the file is damaged, too large, keeps weights elsewhere, or has no such node;
            lists those it has.
        OptionError: a node in a form that `vartai.nn` does not have.
        MissingExtra: the `onnx` package is not installed.
    """
    path = Path(path)
    graph = _read_graph(path)
    try:
        return _layer(_choose(graph, node), _held(graph))
    except InputError as error:
        raise InputError(str(error), file=str(path)) from error


def read_onnx(path: Path, names: TensorNames, *, pool: str) -> Network:
    """Embedding, recurrent layers and output of a model, by the names of its parts.

    Args:
        path: of the file.
        names: of the weights, and of the recurrent nodes, the lowest first, with commas between.
        pool: of a classifier.

    Raises:
        InputError: as `layers_from_onnx`, or weights that are not there.
        OptionError: as `layers_from_onnx`.
    """
    graph = _read_graph(path)
    held = _held(graph)
    try:
        nodes = [name.strip() for name in names.layers.split(",")]
        layers = stack_layers([_layer(_choose(graph, name), held) for name in nodes])
        embedding = _tensor(held, names.embedding, axes=2)
        weight = _tensor(held, f"{names.output}.weight", axes=2)
        bias = f"{names.output}.bias"
        shift = _tensor(held, bias, axes=1) if bias in held else torch.zeros(weight.size(0))
    except InputError as error:
        raise InputError(str(error), file=str(path)) from error
    return Network(embedding, layers, pool, weight, shift, ())


def _read_graph(path: Path) -> Any:
    require_file(path)
    try:
        import onnx
    except ImportError as error:
        raise MissingExtra("Reading an ONNX model", extra="onnx") from error
    try:
        return onnx.load_model_from_string(path.read_bytes()).graph
    except Exception as error:
        raise InputError("not an ONNX model, or damaged", file=str(path)) from error


def _held(graph: Any) -> dict[str, Any]:
    """The constants of a graph by name."""
    return {each.name: each for each in graph.initializer}


def _choose(graph: Any, name: str | None) -> Any:
    nodes = [node for node in graph.node if node.op_type in _GATES]
    names = [node.name or node.output[0] for node in nodes]
    if name is None and len(nodes) == 1:
        return nodes[0]
    found = [each for each in nodes if name in (each.name, *each.output[:1])]
    if name is None or len(found) != 1:
        listed = ", ".join(str(each)[:60] for each in names[:10]) or "none"
        raise InputError(f"expected one RNN, GRU or LSTM node; there are: {listed}")
    return found[0]


def _layer(node: Any, held: dict[str, Any]) -> RecurrentLayers:
    cell = node.op_type
    options = {each.name: each for each in node.attribute}
    directions = _directions(options)
    inputs = [*node.input, *[""] * 8]
    weight_ih, weight_hh = (_tensor(held, inputs[place], axes=3) for place in (1, 2))
    size, features = weight_hh.size(2), weight_ih.size(2)
    _require_shape(weight_ih, (directions, _GATES[cell] * size, features), inputs[1])
    _require_shape(weight_hh, (directions, _GATES[cell] * size, size), inputs[2])
    biases = torch.zeros(directions, 2 * _GATES[cell] * size)
    if inputs[3]:
        biases = _tensor(held, inputs[3], axes=2)
        _require_shape(biases, (directions, 2 * _GATES[cell] * size), inputs[3])
    peepholes = _tensor(held, inputs[7], axes=2) if cell == "LSTM" and inputs[7] else None
    layers = _build(cell, options, (features, size), directions, peepholes=peepholes is not None)
    coupled = layers.form.coupled
    state = {}
    for place, suffix in enumerate(["l0", "l0_reverse"][:directions]):
        parts = {"weight_ih": weight_ih[place], "weight_hh": weight_hh[place]}
        parts |= dict(zip(("bias_ih", "bias_hh"), biases[place].chunk(2), strict=True))
        for name, value in parts.items():
            state[f"{name}_{suffix}"] = _without_forget(from_onnx_order(cell, value), coupled)
        if peepholes is not None:
            _require_shape(peepholes, (directions, 3 * size), inputs[7])
            i, o, f = peepholes[place].chunk(3)
            state[f"peephole_{suffix}"] = torch.cat([i, o] if coupled else [i, f, o])
    layers.load_state_dict(state)
    return layers.eval()


def _without_forget(stacked: Tensor, coupled: bool) -> Tensor:
    if not coupled:
        return stacked
    i, _, g, o = stacked.chunk(4)
    return torch.cat([i, g, o])


def _build(
    cell: str,
    options: dict[str, Any],
    sizes: tuple[int, int],
    directions: int,
    *,
    peepholes: bool,
) -> RecurrentLayers:
    both = directions == 2
    if "clip" in options:
        raise OptionError("a node with clip; vartai.nn has no such thing")
    activation = _activation(cell, options, directions)
    if cell == "RNN":
        return RNN(*sizes, nonlinearity=activation, bidirectional=both)
    if cell == "GRU":
        after = "linear_before_reset" in options and bool(options["linear_before_reset"].i)
        return GRU(*sizes, activation=activation, reset_after=after, bidirectional=both)
    coupled = "input_forget" in options and bool(options["input_forget"].i)
    return LSTM(
        *sizes, activation=activation, peepholes=peepholes, coupled=coupled, bidirectional=both
    )


def _directions(options: dict[str, Any]) -> int:
    said = (
        options["direction"].s.decode("utf-8", "replace") if "direction" in options else "forward"
    )
    if said not in ("forward", "bidirectional"):
        raise OptionError(f"a node that reads {said[:20]}; vartai.nn reads forward or both ways")
    return 2 if said == "bidirectional" else 1


def _activation(cell: str, options: dict[str, Any], directions: int) -> str:
    """The activation of the candidate; gates must be sigmoids, and all directions alike."""
    if "activations" not in options:
        return "tanh"
    said = [name.decode("utf-8", "replace").lower() for name in options["activations"].strings]
    last = said[-1] if said else ""
    wanted = {"RNN": [last], "GRU": ["sigmoid", last], "LSTM": ["sigmoid", last, last]}[cell]
    if said != wanted * directions or last not in _NAMES:
        raise OptionError(f"a node with activations {', '.join(said)[:100]}")
    name = _NAMES[last]
    _, alpha, beta = ACTIVATIONS[name]
    for attribute, own in (("activation_alpha", alpha), ("activation_beta", beta)):
        given = list(options[attribute].floats) if attribute in options else []
        if any(not math.isclose(value, own, rel_tol=1e-6) for value in given if value):
            raise OptionError(f"a node with {attribute} {given[:6]}, expected {own} for {name}")
    return name


def _tensor(held: dict[str, Any], name: str, *, axes: int) -> Tensor:
    """A weight that is in the model, float32, of as many bytes as its shape needs."""
    from onnx import numpy_helper

    if name not in held:
        raise InputError(f"weights {name[:60]!r} are not constants of the model")
    proto = held[name]
    if proto.data_location or proto.external_data:
        raise InputError(f"weights {name[:60]!r} are kept in another file, which is not opened")
    shape = tuple(proto.dims)
    if proto.data_type != _FLOAT or len(shape) != axes or any(side < 0 for side in shape):
        raise InputError(f"weights {name[:60]!r} should be float32 with {axes} axes")
    given = len(proto.raw_data) // 4 if proto.raw_data else len(proto.float_data)
    if math.prod(shape) != given:
        raise InputError(f"weights {name[:60]!r} of shape {list(shape)} have {given:,} numbers")
    array = np.array(numpy_helper.to_array(proto), np.float32)
    if not np.isfinite(array).all():
        raise InputError(f"weights {name[:60]!r} hold a number that is not finite")
    return torch.from_numpy(array)


def _require_shape(value: Tensor, shape: tuple[int, ...], name: str) -> None:
    if tuple(value.shape) != shape or not value.numel():
        raise InputError(
            f"weights {name[:60]!r} have shape {list(value.shape)}, expected {list(shape)}"
        )
