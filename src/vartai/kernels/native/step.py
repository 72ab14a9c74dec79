"""Single steps of the compiled core, as functions of tensors: weights as they are, or packed."""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.kernels.direction import State
from vartai.kernels.native import door
from vartai.kernels.native.door import address, require_shape
from vartai.kernels.native.layer import GATES, KINDS, cell_address


def step(cell: str, data: Tensor, state: State, weights: tuple[Tensor, ...]) -> State:
    """One step with weights as they are; shapes as in `vartai.kernels.step`, float32 on the CPU.

    Raises:
        ValueError: names the first tensor whose shape does not fit, with what it should be.
    """
    require_step_shapes(cell, data, state, weights)
    data, hidden = data.contiguous(), state[0].contiguous()
    carried = state[1].contiguous() if cell == "lstm" else None
    after = torch.empty_like(hidden)
    carried_on = None if carried is None else torch.empty_like(carried)
    w_ih, w_hh = weights[0].contiguous(), weights[1].contiguous()
    b_ih, b_hh = (weights[2].contiguous(), weights[3].contiguous()) if weights[2:] else (None, None)
    door.core.step(
        KINDS.index(cell),
        w_ih.size(1),
        w_hh.size(1),
        hidden.size(0),
        torch.get_num_threads(),
        data.data_ptr(),
        hidden.data_ptr(),
        address(carried),
        w_ih.data_ptr(),
        w_hh.data_ptr(),
        address(b_ih),
        address(b_hh),
        after.data_ptr(),
        address(carried_on),
    )
    return (after,) if carried_on is None else (after, carried_on)


def require_step_shapes(cell: str, data: Tensor, state: State, weights: tuple[Tensor, ...]) -> None:
    """Refuse tensors that do not belong together.

    Raises:
        ValueError: names the first tensor whose shape does not fit, with what it should be.
    """
    parts = 2 if cell == "lstm" else 1
    if len(state) != parts:
        raise ValueError(f"{cell}: expected {parts} parts of the state, got {len(state)}")
    if len(weights) not in (2, 4):
        raise ValueError(f"{cell}: expected 2 weights, or 4 with biases, got {len(weights)}")
    size, inputs, rows = weights[1].size(-1), weights[0].size(-1), data.size(0)
    stacked = GATES[cell] * size
    require_shape(cell, "data", data, (rows, inputs))
    for name, part in zip(("hidden", "cell"), state, strict=False):
        require_shape(cell, name, part, (rows, size))
    require_shape(cell, "W_ih", weights[0], (stacked, inputs))
    require_shape(cell, "W_hh", weights[1], (stacked, size))
    for name, bias in zip(("b_ih", "b_hh"), weights[2:], strict=False):
        require_shape(cell, name, bias, (stacked,))


class PreparedCell:
    """A standard cell with its weights packed once, for the many steps of a stream.

    What it gives is bit for bit what the layer gives that runs all steps at once. Weights are
    copied: training them further changes nothing here.

    Args:
        cell: name of a standard form.
        weights: as in `vartai.kernels.step.run_step`.

    Raises:
        ValueError: names the first tensor whose shape does not fit, with what it should be.
    """

    def __init__(self, cell: str, weights: tuple[Tensor, ...]) -> None:
        self.cell = cell
        self.input_size = weights[0].size(-1)
        self.hidden_size = weights[1].size(-1)
        nothing = weights[0].new_empty(0, self.input_size)
        state = (nothing.new_empty(0, self.hidden_size),) * (2 if cell == "lstm" else 1)
        require_step_shapes(cell, nothing, state, weights)
        weights = tuple(weight.detach().float().cpu().contiguous() for weight in weights)
        biased = len(weights) == 4
        self._core = door.core.PreparedCell(
            KINDS.index(cell),
            input_size=self.input_size,
            hidden_size=self.hidden_size,
            input_weights=weights[0].data_ptr(),
            weights=weights[1].data_ptr(),
            input_bias=weights[2].data_ptr() if biased else 0,
            bias=weights[3].data_ptr() if biased else 0,
        )

    def step(self, data: Tensor, state: State) -> State:
        """Advance: data ``[B, D]``, state ``[B, H]`` each, all contiguous float32 on the CPU.

        Raises:
            ValueError: another shape, type or device.
        """
        rows = data.size(0)
        if len(state) != (2 if self.cell == "lstm" else 1):
            raise ValueError(f"{self.cell}: {len(state)} states do not make one")
        _require_plain(self.cell, "data", data, (rows, self.input_size))
        for name, part in zip(("hidden", "cell"), state, strict=False):
            _require_plain(self.cell, name, part, (rows, self.hidden_size))
        after = tuple([torch.empty_like(part) for part in state])
        self._core.step(
            rows,
            torch.get_num_threads(),
            data.data_ptr(),
            state[0].data_ptr(),
            cell_address(state),
            after[0].data_ptr(),
            cell_address(after),
        )
        return after


def _require_plain(cell: str, name: str, tensor: Tensor, shape: tuple[int, ...]) -> None:
    require_shape(cell, name, tensor, shape)
    if not (tensor.dtype is torch.float32 and tensor.is_cpu and tensor.is_contiguous()):
        raise ValueError(
            f"{cell}: {name} must be contiguous float32 on the CPU, was {tensor.dtype} on "
            f"{tensor.device}{'' if tensor.is_contiguous() else ', not contiguous'}"
        )
