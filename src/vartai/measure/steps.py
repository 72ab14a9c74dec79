"""One step of one sequence, as in a stream: by Vartai's cell and layer, and by torch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

import vartai.nn
from vartai.kernels import native
from vartai.measure.agreement import require_agreement
from vartai.measure.entrant import Alone, Results
from vartai.measure.loops import torch_cell
from vartai.measure.work import Work
from vartai.nn.cells import RecurrentCell

State = tuple[Tensor, ...]
_NO_CORE = "needs the compiled core"
_CELLS: dict[str, type[vartai.nn.RNNCell | vartai.nn.GRUCell | vartai.nn.LSTMCell]] = {
    "RNN": vartai.nn.RNNCell,
    "GRU": vartai.nn.GRUCell,
    "LSTM": vartai.nn.LSTMCell,
}


class OneStep:
    """One step in inference mode, from a state that is not zero.

    Args:
        step: ``(x [1, D], state)`` to whatever comes out; the state is a tensor, of an LSTM a pair.
        state_of: the new state ``[1, H]`` each, from what came out.
        work: of one step.
        stacked: the step wants a leading dimension of steps, and the state one of layers.
    """

    def __init__(
        self,
        step: Callable[[Tensor, Any], Any],
        state_of: Callable[[Any], State],
        work: Work,
        *,
        stacked: bool = False,
    ) -> None:
        self._step, self._state_of = step, state_of
        state = tuple(torch.full((1, work.case.size), value) for value in (0.25, -0.5))
        inputs = work.batch.data
        if stacked:
            state, inputs = tuple(part[None] for part in state), inputs[None]
        self._inputs = inputs
        self._state: Tensor | State = state if work.case.cell == "LSTM" else state[0]

    def run(self) -> object:
        """The step."""
        with torch.inference_mode():
            return self._step(self._inputs, self._state)

    def results(self) -> Results:
        """The new state."""
        parts = self._state_of(self.run())
        named = zip(("hidden", "cell"), parts, strict=False)
        return {name: part.reshape(1, -1).clone() for name, part in named}


def torch_cell_step(work: Work) -> OneStep:
    """`torch.nn.LSTMCell` and its kin."""
    return OneStep(torch_cell(work), _parts, work)


def torch_layer_step(work: Work) -> OneStep:
    """`torch.nn.LSTM` and its kin with T = 1."""
    return OneStep(work.layer, lambda result: _parts(result[1]), work, stacked=True)


def vartai_layer_step(work: Work) -> OneStep:
    """`vartai.nn.LSTM` and its kin with T = 1."""
    case = work.case
    layer = {"RNN": vartai.nn.RNN, "GRU": vartai.nn.GRU, "LSTM": vartai.nn.LSTM}[case.cell](
        case.size, case.size
    )
    layer.load_state_dict(work.layer.state_dict())
    return OneStep(layer, lambda result: _parts(result[1]), work, stacked=True)


def vartai_cell_step(work: Work) -> OneStep:
    """`vartai.nn.LSTMCell` and its kin."""
    return OneStep(_vartai_cell(work), _parts, work)


def vartai_prepared_step(work: Work) -> OneStep | str:
    """The cell's weights packed beforehand; or why that cannot be."""
    if not native.HAS_CORE:
        return _NO_CORE
    return OneStep(vartai.nn.prepare_step(_vartai_cell(work)).step, _parts, work)


def vartai_bfloat16_step(work: Work) -> Alone | str:
    """The same with weights rounded to bfloat16.

    Its numbers are its own, so they are compared here: with those of the weights so rounded.

    Raises:
        RunError: they differ.
    """
    if not native.HAS_CORE:
        return _NO_CORE
    cell = _vartai_cell(work)
    step = OneStep(vartai.nn.prepare_step(cell, weights="bfloat16").step, _parts, work)
    with torch.no_grad():
        for matrix in (cell.weight_ih, cell.weight_hh):
            matrix.copy_(matrix.bfloat16())
    rounded = OneStep(vartai.nn.prepare_step(cell).step, _parts, work)
    require_agreement(work.case.name, {"rounded": rounded, "bfloat16": step}, "rounded")
    return Alone(step.run)


def _vartai_cell(work: Work) -> RecurrentCell:
    size = work.case.size
    cell = _CELLS[work.case.cell](size, size)
    cell.load_state_dict(torch_cell(work).state_dict())
    return cell


def _parts(state: Tensor | State) -> State:
    return (state,) if isinstance(state, Tensor) else tuple(state)
