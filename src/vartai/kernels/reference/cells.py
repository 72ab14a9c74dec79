"""The definitions by name, with one signature: what inputs add, one step, and a step with noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from torch import Tensor

from vartai.kernels.direction import Noise, State
from vartai.kernels.forms import CellWeights, Form
from vartai.kernels.reference.gru import gru_inputs, gru_step
from vartai.kernels.reference.lstm import lstm_inputs, lstm_step
from vartai.kernels.reference.rnn import rnn_inputs, rnn_step

Gates = tuple[Tensor, ...]
Step = Callable[[Form, Tensor, State, CellWeights, Tensor], tuple[State, Gates]]


@dataclass(frozen=True)
class Cell:
    """A definition in two parts: `inputs` knows no state, so it may be computed for all steps.

    Args:
        from_product: what ``W_ih x`` becomes before it is added to the sums.
        step: one step.
    """

    from_product: Callable[[Tensor, CellWeights], Tensor]
    step: Step

    def inputs(self, x: Tensor, w: CellWeights) -> Tensor:
        """What inputs ``[…, D]`` add to the sums of the gates, ``[…, G·H]``."""
        return self.from_product(x @ w.weight_ih.T, w)


CELLS: Final[dict[str, Cell]] = {
    "rnn": Cell(rnn_inputs, rnn_step),
    "lstm": Cell(lstm_inputs, lstm_step),
    "gru": Cell(gru_inputs, gru_step),
}


def reference_step(form: Form, data: Tensor, state: State, weights: tuple[Tensor, ...]) -> State:
    """Advance a batch by one step: data ``[B, D]``, state ``[B, …]`` each."""
    cell, w = CELLS[form.cell], form.named(weights)
    after, _ = cell.step(form, cell.inputs(data, w), state, w, state[0])
    return tuple(after)


def noisy_step(
    form: Form, inputs: Tensor, state: State, w: CellWeights, noise: Noise
) -> tuple[State, Gates]:
    """Advance one step, with recurrent dropout and zoneout.

    Zoneout keeps parts of the state before the step: ``k * s + (1 - k) * s'``, where k is 0 or 1
    in training and the share that is kept in evaluation (Krueger et al. 2017). The hidden state
    shows the cell before zoneout, as in their equations. Gates that are carried on are new ones.

    Args:
        form: of the cell.
        inputs: ``[B, G·H]``. From the cell's `inputs`.
        state: before the step.
        w: weights of the form.
        noise: of these B sequences at this step: `recurrent` ``[B, P]``, zoneout ``[B, P]`` and
            ``[B, H]``.
    """
    seen = state[0] if noise.recurrent is None else state[0] * noise.recurrent
    after, gates = CELLS[form.cell].step(form, inputs, state, w, seen)
    parts = zip(state, after, (*noise.zoneout, 0.0), strict=False)
    return tuple(_zoned_out(old, new, keep) for old, new, keep in parts), gates


def _zoned_out(old: Tensor, new: Tensor, keep: Tensor | float) -> Tensor:
    if isinstance(keep, float) and keep == 0.0:
        return new
    return keep * old + (1 - keep) * new
