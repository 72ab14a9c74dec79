"""What a layer is given beside its weights, checked: rows of inputs, and initial states."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from vartai.kernels.direction import State


def require_rows(rows: Tensor, input_size: int, dtype: torch.dtype) -> None:
    """Refuse inputs of another size or type than the weights take.

    Args:
        rows: ``[N, D]``.
        input_size: D.
        dtype: of the weights; under autocast any will do.

    Raises:
        ValueError: says what was expected and what came.
    """
    if rows.size(-1) != input_size:
        raise ValueError(f"inputs must have {input_size} numbers a step, had {rows.size(-1)}")
    if rows.dtype != dtype and not torch.is_autocast_enabled(rows.device.type):
        raise ValueError(f"inputs must be {dtype} like the weights, were {rows.dtype}")


def read_state(
    state: State, sides: tuple[int, int | None], sizes: Mapping[str, int], dtype: torch.dtype
) -> State:
    """An initial state as given, with a dimension of sequences.

    Args:
        state: ``[layers·directions, B, size]`` each, or ``[layers·directions, size]`` each.
        sides: layers·directions, and B; None for B where the inputs have no batch.
        sizes: of each part by its name.
        dtype: of the inputs; under autocast any will do.

    Raises:
        ValueError: names the part, what was expected and what came.
    """
    if len(state) != len(sizes):
        raise ValueError(f"hx must have {len(sizes)} parts, had {len(state)}")
    stacked, count = sides
    for (name, size), part in zip(sizes.items(), state, strict=True):
        shape = (stacked, size) if count is None else (stacked, count, size)
        if part.shape != shape:
            raise ValueError(f"hx: {name} must be {list(shape)}, was {list(part.shape)}")
        if part.dtype != dtype and not torch.is_autocast_enabled(part.device.type):
            raise ValueError(f"hx: {name} must be {dtype} like the inputs, was {part.dtype}")
    return tuple(part.unsqueeze(1) for part in state) if count is None else state
