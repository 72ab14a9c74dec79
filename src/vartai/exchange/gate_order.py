"""The order of gates in stacked weights: everyone has all of them, each in another order.

Here are torch's, which is Vartai's, ONNX's and Keras's. Blocks of H rows stand for gates.
"""

from __future__ import annotations

import torch
from torch import Tensor

# torch: i, f, g, o and r, z, n. ONNX: i, o, f, c and z, r, h; its c and h are candidates.
_ONNX_FROM_TORCH = {"RNN": (0,), "GRU": (1, 0, 2), "LSTM": (0, 3, 1, 2)}
# Keras: i, f, c, o and z, r, h.
_KERAS_FROM_TORCH = {"RNN": (0,), "GRU": (1, 0, 2), "LSTM": (0, 1, 2, 3)}


def to_onnx_order(cell: str, stacked: Tensor) -> Tensor:
    """Weights or biases with their gates in the order of ONNX's operators.

    Args:
        cell: RNN, GRU or LSTM.
        stacked: ``[G·H, …]`` in torch's order.

    Example:
        >>> to_onnx_order("LSTM", torch.tensor([1, 2, 3, 4])).tolist()
        [1, 4, 2, 3]
    """
    return _ordered("to_onnx_order", _ONNX_FROM_TORCH[cell], cell, stacked)


def from_onnx_order(cell: str, stacked: Tensor) -> Tensor:
    """The other way round.

    Example:
        >>> from_onnx_order("LSTM", to_onnx_order("LSTM", torch.tensor([1, 2, 3, 4]))).tolist()
        [1, 2, 3, 4]
    """
    return _ordered("from_onnx_order", _inverse(_ONNX_FROM_TORCH[cell]), cell, stacked)


def to_keras_order(cell: str, stacked: Tensor) -> Tensor:
    """As `to_onnx_order`, in the order of Keras's layers; theirs are columns, here they are rows.

    Example:
        >>> to_keras_order("GRU", torch.tensor([1, 2, 3])).tolist()
        [2, 1, 3]
    """
    return _ordered("to_keras_order", _KERAS_FROM_TORCH[cell], cell, stacked)


def from_keras_order(cell: str, stacked: Tensor) -> Tensor:
    """The other way round."""
    return _ordered("from_keras_order", _inverse(_KERAS_FROM_TORCH[cell]), cell, stacked)


def _ordered(said: str, order: tuple[int, ...], cell: str, stacked: Tensor) -> Tensor:
    if stacked.size(0) % len(order):
        raise ValueError(
            f"{said}: {cell} has {len(order)} gates, weights were {list(stacked.shape)}"
        )
    blocks = stacked.chunk(len(order))
    return torch.cat([blocks[place] for place in order])


def _inverse(order: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(order.index(place) for place in range(len(order)))
