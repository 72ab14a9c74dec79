"""Single steps of the compiled core, as functions of tensors: weights as they are, or packed."""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.kernels.direction import State
from vartai.kernels.native import door
from vartai.kernels.native.door import require_shape
from vartai.kernels.native.layer import GATES, KINDS, cell_address


def step(cell: str, data: Tensor, state: State, weights: tuple[Tensor, ...]) -> State:
    """One step with weights as they are; shapes as in `vartai.kernels.step`, float32 on the CPU.

    Raises:
        ValueError: names the first tensor whose shape does not fit, with what it should be.
    """
    rows, size = state[0].shape
    _require_step_shapes(cell, data, state, weights)
    data, state = data.contiguous(), tuple(part.contiguous() for part in state)
    weights = tuple(weight.contiguous() for weight in weights)
    after = tuple(torch.empty_like(part) for part in state)
    biased = len(weights) == 4
    door.core.step(
        KINDS.index(cell),
        data.size(1),
        size,
        rows,
        torch.get_num_threads(),
        data.data_ptr(),
        state[0].data_ptr(),
        cell_address(state),
        weights[0].data_ptr(),
        weights[1].data_ptr(),
        weights[2].data_ptr() if biased else 0,
        weights[3].data_ptr() if biased else 0,
        after[0].data_ptr(),
        cell_address(after),
    )
    return after


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
        stacked = GATES[cell] * self.hidden_size
        shapes = ((stacked, self.input_size), (stacked, self.hidden_size), (stacked,), (stacked,))
        names = ("W_ih", "W_hh", "b_ih", "b_hh")
        for name, weight, shape in zip(names, weights, shapes, strict=False):
            require_shape(cell, name, weight, shape)
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
        _require_plain(self.cell, "data", data, (rows, self.input_size))
        for part in state:
            _require_plain(self.cell, "state", part, (rows, self.hidden_size))
        if len(state) != (2 if self.cell == "lstm" else 1):
            raise ValueError(f"{self.cell}: {len(state)} states do not make one")
        after = tuple(torch.empty_like(part) for part in state)
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


def _require_step_shapes(
    cell: str, data: Tensor, state: State, weights: tuple[Tensor, ...]
) -> None:
    rows, size = state[0].shape
    stacked, inputs = GATES[cell] * size, data.size(1)
    require_shape(cell, "data", data, (rows, inputs))
    if cell == "lstm":
        require_shape(cell, "cell", state[1], (rows, size))
    require_shape(cell, "W_ih", weights[0], (stacked, inputs))
    require_shape(cell, "W_hh", weights[1], (stacked, size))
    if len(weights) == 4:
        require_shape(cell, "b_ih", weights[2], (stacked,))
        require_shape(cell, "b_hh", weights[3], (stacked,))
