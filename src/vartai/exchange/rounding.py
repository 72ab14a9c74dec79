"""Weights in 8 bits: each row of a matrix as whole numbers from -127 to 127 and one scale.

Symmetric, a scale a row, and the arithmetic stays in float32: what changes is the weights alone,
by at most half a scale each, so a model with its weights rounded in torch is the very same model.
"""

from __future__ import annotations

import copy
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

_SMALLEST = 1024  # numbers; below that nothing is gained
_STEPS = 127
Model = TypeVar("Model", bound=nn.Module)


def is_rounded(weight: Tensor) -> bool:
    """Whether a weight is worth it: a float matrix, or several, of some size."""
    return weight.dim() >= 2 and weight.numel() >= _SMALLEST and weight.dtype == torch.float32


def rounded_rows(weight: Tensor) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """``[n, D]`` as int8 and the scale of each row ``[n]``, float32.

    Example:
        >>> whole, scale = rounded_rows(torch.tensor([[0.5, -1.27]]))
        >>> whole.tolist(), round(float(scale[0]), 4)
        ([[50, -127]], 0.01)
    """
    rows = weight.detach().cpu().float().numpy()
    scales = (np.abs(rows).max(axis=1, initial=0.0) / _STEPS).astype(np.float32)
    scales[scales == 0] = 1.0
    whole = np.rint(rows / scales[:, None]).clip(-_STEPS, _STEPS).astype(np.int8)
    return whole, scales


def rounded_model(model: Model) -> Model:
    """A copy of a model with its large weights rounded, in float32 again."""
    other = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in other.parameters():
            if is_rounded(parameter):
                whole, scales = rounded_rows(parameter.reshape(-1, parameter.size(-1)))
                rows = torch.from_numpy(whole.astype(np.float32) * scales[:, None])
                parameter.copy_(rows.reshape(parameter.shape))
    return other
