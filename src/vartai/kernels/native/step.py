"""Single steps of the compiled core, as functions of tensors: weights as they are, or packed.

A step takes less time than asking seven tensors for their attributes in Python, so the core reads
their headers itself (csrc/tensors.h), and says where one is not contiguous float32 on the CPU or
does not fit. Only then is there a search for what it was.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from vartai.kernels.direction import State
from vartai.kernels.native import door
from vartai.kernels.native.door import address, require_shape
from vartai.kernels.native.layer import GATES, KINDS, cell_address

_NUMBERS = {cell: KINDS.index(cell) for cell in KINDS}

if door.HAS_CORE:
    door.core.read_tensors_by(Tensor.__dlpack_c_exchange_api__, Tensor, nn.Parameter)


class StepTape(NamedTuple):
    """What a step keeps for its gradients beside the states: activated gates ``[B, G·H]``.

    Of a GRU also ``W_hn h + b_hn [B, H]``; an RNN keeps nothing.
    """

    gates: Tensor | None = None
    kept: Tensor | None = None


def quick_step(cell: str, data: Tensor, state: State, weights: tuple[Tensor, ...]) -> State | None:
    """One step with weights as they are; shapes as in `vartai.kernels.step`.

    Returns:
        The state after it; None where a tensor does not fit, or is not a plain one, contiguous
        float32 on the CPU.
    """
    after = tuple([torch.empty_like(part) for part in state])
    number, threads = _NUMBERS[cell], torch.get_num_threads()
    return after if door.core.step(number, threads, data, state, weights, after, ()) else None


def step(cell: str, data: Tensor, state: State, weights: tuple[Tensor, ...]) -> State:
    """As `quick_step`, with tensors that may have gaps.

    Raises:
        ValueError: names the first tensor whose shape does not fit, with what it should be.
    """
    return _step(cell, data, state, weights, StepTape())


def step_for_gradients(
    cell: str, data: Tensor, state: State, weights: tuple[Tensor, ...]
) -> tuple[State, StepTape]:
    """As `step`, and what `step_back` reads besides."""
    rows, size = data.size(0), state[0].size(-1)
    gates = data.new_empty(rows, GATES[cell] * size) if cell in ("lstm", "gru") else None
    tape = StepTape(gates, data.new_empty(rows, size) if cell == "gru" else None)
    return _step(cell, data, state, weights, tape), tape


def _step(
    cell: str, data: Tensor, state: State, weights: tuple[Tensor, ...], tape: StepTape
) -> State:
    require_step_shapes(cell, data, state, weights)
    data, *rest = (tensor.contiguous() for tensor in (data, *state, *weights))
    state, weights = tuple(rest[: len(state)]), tuple(rest[len(state) :])
    after = tuple([torch.empty_like(part) for part in state])
    kept = tuple([part for part in tape if part is not None])
    number, threads = _NUMBERS[cell], torch.get_num_threads()
    if not door.core.step(number, threads, data, state, weights, after, kept):
        raise ValueError(f"{cell}: a step of the core takes plain tensors of float32 on the CPU")
    return after


def step_back(
    cell: str, state: State, after: State, tape: StepTape, d_after: tuple[Tensor | None, ...]
) -> tuple[Tensor, State]:
    """From the gradients of the state after a step to those of its sums.

    Args:
        cell: name of a standard form.
        state: ``[B, H]`` each, contiguous: before the step.
        after: what `step_for_gradients` returned.
        tape: likewise.
        d_after: of each part of `after`, contiguous; None counts as zeros.

    Returns:
        The gradient of the sums ``[B, G·H]``, of a GRU ``[B, 4·H]``: reset and update gate, then
        ``W_hn h + b_hn``, then ``W_in x + b_in``. And that of each part of the state, as far as it
        does not go through ``W_hh``.
    """
    rows, size = state[0].shape
    blocks = GATES[cell] + (1 if cell == "gru" else 0)
    d_sums = state[0].new_empty(rows, blocks * size)
    d_state = tuple([torch.empty_like(part) for part in state])
    door.core.step_back(
        _NUMBERS[cell],
        rows=rows,
        hidden_size=size,
        gates=address(tape.gates),
        kept=address(after[1] if cell == "lstm" else tape.kept),
        hidden=state[0].data_ptr(),
        cell=cell_address(state),
        next_hidden=after[0].data_ptr(),
        d_next_hidden=address(d_after[0]),
        d_next_cell=cell_address(d_after),
        d_sums=d_sums.data_ptr(),
        d_hidden=d_state[0].data_ptr(),
        d_cell=cell_address(d_state),
    )
    return d_sums, d_state


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

    What it gives is bit for bit what the layer gives that runs all steps at once, with the same
    weights or with those rounded to bfloat16. Weights are copied: training them further changes
    nothing here.

    Args:
        cell: name of a standard form.
        weights: as in `vartai.kernels.step.run_step`.
        bfloat16: round the matrices of weights to bfloat16, so that half as many bytes are read.

    Raises:
        ValueError: names the first tensor whose shape does not fit, with what it should be.
    """

    def __init__(self, cell: str, weights: tuple[Tensor, ...], *, bfloat16: bool = False) -> None:
        self.cell = cell
        self.input_size = weights[0].size(-1)
        self.hidden_size = weights[1].size(-1)
        nothing = weights[0].new_empty(0, self.input_size)
        state = (nothing.new_empty(0, self.hidden_size),) * (2 if cell == "lstm" else 1)
        require_step_shapes(cell, nothing, state, weights)
        weights = tuple(weight.detach().float().cpu().contiguous() for weight in weights)
        biased = len(weights) == 4
        self._core = door.core.PreparedCell(
            _NUMBERS[cell],
            input_size=self.input_size,
            hidden_size=self.hidden_size,
            bfloat16=bfloat16,
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
        after = tuple([torch.empty_like(part) for part in state])
        self.step_into(data, state, after)
        return after

    def step_into(self, data: Tensor, state: State, after: State) -> None:
        """As `step`; the state after it is written into `after`, which is none of the others.

        Raises:
            ValueError: another shape, type or device.
        """
        if not self._core.step(torch.get_num_threads(), data, state, after):
            self._refuse(data, state)

    def _refuse(self, data: Tensor, state: State) -> None:
        rows = data.size(0)
        if len(state) != (2 if self.cell == "lstm" else 1):
            raise ValueError(f"{self.cell}: {len(state)} states do not make one")
        _require_plain(self.cell, "data", data, (rows, self.input_size))
        for name, part in zip(("hidden", "cell"), state, strict=False):
            _require_plain(self.cell, name, part, (rows, self.hidden_size))
        raise ValueError(f"{self.cell}: a prepared step takes plain tensors, with memory of theirs")


def _require_plain(cell: str, name: str, tensor: Tensor, shape: tuple[int, ...]) -> None:
    require_shape(cell, name, tensor, shape)
    if not (tensor.dtype is torch.float32 and tensor.is_cpu and tensor.is_contiguous()):
        raise ValueError(
            f"{cell}: {name} must be contiguous float32 on the CPU, was {tensor.dtype} on "
            f"{tensor.device}{'' if tensor.is_contiguous() else ', not contiguous'}"
        )
