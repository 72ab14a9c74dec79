"""The activations a cell may use, by name: of a candidate, and of what an LSTM shows of its cell.

Gates that open and close are sigmoids always. A name is what ONNX and Keras call the function, in
lower case; parameters are torch's defaults (elu 1.0, leaky_relu 0.01, hardtanh ±1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

Activation = Callable[[Tensor], Tensor]


def _identity(sums: Tensor) -> Tensor:
    return sums


ACTIVATIONS: Final[dict[str, Activation]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "elu": functional.elu,
    "hardtanh": functional.hardtanh,
    "identity": _identity,
    "leaky_relu": functional.leaky_relu,
    "sigmoid": torch.sigmoid,
    "softplus": functional.softplus,
    "softsign": functional.softsign,
}
