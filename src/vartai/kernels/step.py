"""A single step of a standard cell: the shape of work in a loop that somebody else wrote.

Where nothing is to be differentiated the core computes it, with weights as they are; otherwise
torch's operators do, which keep what their gradients need.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from vartai.kernels import native
from vartai.kernels.direction import Noise, State
from vartai.kernels.forms import STANDARD
from vartai.kernels.reach import in_a_transform, within_reach
from vartai.kernels.reference.cells import CELLS, noisy_step

_OF_ONE_STATE: dict[str, Callable[..., Tensor]] = {
    "rnn_tanh": torch.rnn_tanh_cell,
    "rnn_relu": torch.rnn_relu_cell,
    "gru": torch.gru_cell,
}


def run_step(cell: str, data: Tensor, state: State, weights: tuple[Tensor, ...]) -> State:
    """Advance a batch by one step.

    Args:
        cell: name of a standard form.
        data: ``[B, D]``.
        state: ``[B, H]`` each: hidden, and cell for an LSTM.
        weights: ``W_ih [G·H, D], W_hh [G·H, H]``, and ``b_ih, b_hh [G·H]`` unless without bias.

    Returns:
        The state after the step, shaped as `state`.

    Raises:
        ValueError: shapes that do not belong together.
    """
    tensors = (data, *state, *weights)
    if native.HAS_CORE and not _differentiated(tensors) and within_reach(tensors):
        return native.step(cell, data, state, weights)
    native.require_step_shapes(cell, data, state, weights)
    if in_a_transform():  # of which torch's operators know little
        w = STANDARD[cell].named(weights)
        inputs = CELLS[STANDARD[cell].cell].inputs(data, w)
        return tuple(noisy_step(STANDARD[cell], inputs, state, w, Noise())[0])
    if cell == "lstm":
        return torch.lstm_cell(data, state, *weights)
    return (_OF_ONE_STATE[cell](data, state[0], *weights),)


def _differentiated(tensors: tuple[Tensor, ...]) -> bool:
    return torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)
