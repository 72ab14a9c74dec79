"""Autocast on a CPU: recurrent layers compute in the type of their weights, and give results in it.

A state that is carried through hundreds of steps in eight bits of precision loses what it carries,
and no processor runs these layers faster so. torch gives float32 for a GRU and for a packed LSTM
too; for other layers the type there depends on the processor.
"""

from __future__ import annotations

from typing import TypeVar, cast

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from vartai.kernels.direction import State
from vartai.kernels.padded import AnyBatch

Sequences = TypeVar("Sequences", bound=Tensor | PackedSequence | AnyBatch)


def autocasts(weight: Tensor) -> bool:
    """Whether autocast would change the type in which products with this weight are formed."""
    return weight.device.type == "cpu" and torch.is_autocast_enabled("cpu")


def converted(
    inputs: Sequences, state: State | None, like: Tensor
) -> tuple[Sequences, State | None]:
    """Inputs and state in the type of a weight."""
    kept = None if state is None else tuple(part.to(like.dtype) for part in state)
    if isinstance(inputs, Tensor | PackedSequence):
        return cast("Sequences", inputs.to(like.dtype)), kept
    return cast("Sequences", inputs.with_data(inputs.data.to(like.dtype))), kept
