"""What a trained task is made of, in plain values: what a bundle stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class TaskParts:
    """A trained task, taken apart.

    Args:
        config: a JSON object: options, labels, and whatever else the task needs.
        tensors: float32 or int64 arrays by name.
        tokenizer: a JSON text.
    """

    config: Mapping[str, Any]
    tensors: Mapping[str, NDArray[Any]]
    tokenizer: str


Shapes = Mapping[str, tuple[int, ...]]
Array = NDArray[np.float32]
