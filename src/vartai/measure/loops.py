"""Loops over time in Python around `torch.nn.*Cell`, as people write them, compiled or not."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from vartai.measure.entrant import Together
from vartai.measure.work import Work

_CELLS: dict[str, type[nn.RNNCellBase]] = {
    "RNN": nn.RNNCell,
    "GRU": nn.GRUCell,
    "LSTM": nn.LSTMCell,
}


def torch_cell(work: Work) -> nn.RNNCellBase:
    """The cell of the first layer."""
    case = work.case
    cell = _CELLS[case.cell](case.size, case.size)  # type: ignore[call-arg] # not the base's
    of_layer = work.parameters
    cell.load_state_dict({name: of_layer[f"{name}_l0"] for name, _ in cell.named_parameters()})
    return cell


def torch_cells(work: Work, *, compiled: bool = False) -> Together:
    """One dense layer, a call of the cell at every step.

    Args:
        work: one layer in one direction, not ragged.
        compiled: let `torch.compile` unroll the loop into one program, which takes minutes.
    """
    cell = torch_cell(work)
    loop: Callable[[Tensor], tuple[Tensor, tuple[Tensor, ...]]] = _loop_of(cell)
    inputs, gradient = work.padded()
    parameters = {f"{name}_l0": weight for name, weight in cell.named_parameters()}
    run = torch.compile(loop) if compiled else loop
    return Together(run, inputs, work.from_padded, gradient, parameters)


def _loop_of(cell: nn.RNNCellBase) -> Callable[[Tensor], tuple[Tensor, tuple[Tensor, ...]]]:
    def lstm(inputs: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        hidden = memory = inputs.new_zeros(inputs.size(1), cell.hidden_size)
        outputs = []
        for step in inputs.unbind(0):
            hidden, memory = cell(step, (hidden, memory))
            outputs.append(hidden)
        return torch.stack(outputs), (hidden[None], memory[None])

    def other(inputs: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        hidden = inputs.new_zeros(inputs.size(1), cell.hidden_size)
        outputs = []
        for step in inputs.unbind(0):
            hidden = cell(step, hidden)
            outputs.append(hidden)
        return torch.stack(outputs), (hidden[None],)

    return lstm if isinstance(cell, nn.LSTMCell) else other
