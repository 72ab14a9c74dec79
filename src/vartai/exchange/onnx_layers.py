"""Recurrent layers as an ONNX model of ONNX's own operators, lengths included.

The specification: RNN-22, GRU-22, LSTM-22 of onnx/docs/Operators.md. A GRU is torch's where
`linear_before_reset` is 1. Outputs past a sequence's end are zeros.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vartai.errors import MissingExtra
from vartai.exchange.gate_order import to_onnx_order

_OPSET = 22
_IR_VERSION = 10  # of the file: onnx writes its newest, which an older onnxruntime refuses


def onnx_layers(cell: str, weights: Mapping[str, Tensor], *, ragged: bool) -> bytes:
    """A serialised model: ``inputs [T, B, D]`` to ``outputs [T, B, H·directions]`` and the state.

    Args:
        cell: RNN (tanh), GRU or LSTM.
        weights: by torch's names, ``weight_ih_l0`` and so on, biases included.
        ragged: take a second input, ``lengths [B]``, int32.

    Returns:
        The model. Its further outputs are ``hidden_l0`` … and an LSTM's ``cell_l0`` …, each
        ``[directions, B, H]``.

    Raises:
        MissingExtra: the `onnx` package is not installed.
    """
    try:
        import onnx
        from onnx import TensorProto, helper, numpy_helper
    except ImportError as error:
        raise MissingExtra("Building an ONNX model", extra="onnx") from error
    found = _Layers(cell, weights)
    inputs = [helper.make_tensor_value_info("inputs", TensorProto.FLOAT, ["T", "B", "D"])]
    if ragged:
        inputs.append(helper.make_tensor_value_info("lengths", TensorProto.INT32, ["B"]))
    outputs = [helper.make_tensor_value_info("outputs", TensorProto.FLOAT, ["T", "B", "O"])]
    outputs += [
        helper.make_tensor_value_info(f"{state}_l{layer}", TensorProto.FLOAT, ["L", "B", "H"])
        for layer in range(found.count)
        for state in found.states
    ]
    lengths = "lengths" if ragged else ""
    graph = helper.make_graph(
        [node for layer in range(found.count) for node in _nodes(found, layer, lengths)],
        "layers",
        inputs,
        outputs,
        [numpy_helper.from_array(value, name) for name, value in _constants(found).items()],
    )
    opset = helper.make_opsetid("", _OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=_IR_VERSION)
    onnx.checker.check_model(model)
    serialised: bytes = model.SerializeToString()
    return serialised


@dataclass(frozen=True)
class _Layers:
    cell: str
    weights: Mapping[str, Tensor]

    @property
    def count(self) -> int:
        return sum(re.fullmatch(r"weight_ih_l\d+", name) is not None for name in self.weights)

    @property
    def directions(self) -> int:
        return 2 if "weight_ih_l0_reverse" in self.weights else 1

    @property
    def size(self) -> int:
        return self.weights["weight_hh_l0"].size(1)

    @property
    def states(self) -> tuple[str, ...]:
        return ("hidden", "cell") if self.cell == "LSTM" else ("hidden",)


def _nodes(found: _Layers, layer: int, lengths: str) -> list[Any]:
    """One layer: the operator, and its outputs put side by side."""
    from onnx import helper

    below = "inputs" if layer == 0 else f"outputs_l{layer - 1}"
    above = "outputs" if layer == found.count - 1 else f"outputs_l{layer}"
    run = helper.make_node(
        found.cell,
        [below, f"W_l{layer}", f"R_l{layer}", f"B_l{layer}", lengths],
        [f"by_direction_l{layer}", *(f"{state}_l{layer}" for state in found.states)],
        hidden_size=found.size,
        direction="bidirectional" if found.directions == 2 else "forward",
    )
    if found.cell == "GRU":
        run.attribute.append(helper.make_attribute("linear_before_reset", 1))
    # [T, directions, B, H] to [T, B, directions·H]; in a shape, 0 stands for "as it was".
    by_row = f"by_row_l{layer}"
    return [
        run,
        helper.make_node("Transpose", [f"by_direction_l{layer}"], [by_row], perm=[0, 2, 1, 3]),
        helper.make_node("Reshape", [by_row, "shape"], [above]),
    ]


def _constants(found: _Layers) -> dict[str, NDArray[Any]]:
    """``W [directions, G·H, D]``, ``R [directions, G·H, H]`` and ``B [directions, 2·G·H]``."""
    constants = {"shape": np.array([0, 0, found.directions * found.size], np.int64)}
    for layer in range(found.count):
        suffixes = [f"l{layer}", f"l{layer}_reverse"][: found.directions]
        biases = [
            torch.cat([_part(found, "bias_ih", suffix), _part(found, "bias_hh", suffix)])
            for suffix in suffixes
        ]
        stacks = {
            "W": [_part(found, "weight_ih", suffix) for suffix in suffixes],
            "R": [_part(found, "weight_hh", suffix) for suffix in suffixes],
            "B": biases,
        }
        for letter, parts in stacks.items():
            constants[f"{letter}_l{layer}"] = torch.stack(parts).numpy()
    return constants


def _part(found: _Layers, name: str, suffix: str) -> Tensor:
    return to_onnx_order(found.cell, found.weights[f"{name}_{suffix}"].detach())
