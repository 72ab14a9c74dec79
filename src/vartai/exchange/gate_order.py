"""The order of gates in stacked weights: everyone has all of them, each in another order.

Here are torch's, which is Vartai's, and ONNX's. Blocks of H rows stand for gates.
"""

from __future__ import annotations

import torch
from torch import Tensor

# torch: i, f, g, o and r, z, n. ONNX: i, o, f, c and z, r, h; its c and h are candidates.
_ONNX_FROM_TORCH = {"RNN": (0,), "GRU": (1, 0, 2), "LSTM": (0, 3, 1, 2)}


def to_onnx_order(cell: str, stacked: Tensor) -> Tensor:
    """Weights or biases with their gates in the order of ONNX's operators.

    Args:
        cell: RNN, GRU or LSTM.
        stacked: ``[G·H, …]`` in torch's order.

    Example:
        >>> to_onnx_order("LSTM", torch.tensor([1, 2, 3, 4])).tolist()
        [1, 4, 2, 3]
    """
    order = _ONNX_FROM_TORCH[cell]
    if stacked.size(0) % len(order):
        raise ValueError(
            f"to_onnx_order: {cell} has {len(order)} gates, weights were {list(stacked.shape)}"
        )
    blocks = stacked.chunk(len(order))
    return torch.cat([blocks[place] for place in order])
