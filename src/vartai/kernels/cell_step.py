"""One step of a cell, the shape of work in a loop that somebody else wrote."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from vartai.errors import unknown_name

State = tuple[Tensor, ...]

_OF_ONE_STATE: dict[str, Callable[..., Tensor]] = {
    "rnn_tanh": torch.rnn_tanh_cell,
    "rnn_relu": torch.rnn_relu_cell,
    "gru": torch.gru_cell,
}


def run_cell(cell: str, x: Tensor, state: State, weights: tuple[Tensor, ...]) -> State:
    """Take one step.

    Args:
        cell: one of `vartai.kernels.ops.CELLS`.
        x: ``[B, D]``.
        state: ``[B, H]`` each: hidden, and cell for an LSTM.
        weights: ``W_ih [G·H, D], W_hh [G·H, H]``, and ``b_ih, b_hh [G·H]`` unless without bias.

    Returns:
        the state after the step, shaped as `state`.

    Raises:
        OptionError: `cell` is not known.
    """
    if cell == "lstm":
        return torch.lstm_cell(x, state, *weights)
    if cell not in _OF_ONE_STATE:
        raise unknown_name("cell", cell, ("lstm", *_OF_ONE_STATE))
    return (_OF_ONE_STATE[cell](x, state[0], *weights),)
