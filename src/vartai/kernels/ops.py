"""The one door to running a recurrent layer: picks the path, agrees with the definition."""

from __future__ import annotations

from torch import Tensor

from vartai.errors import unknown_name
from vartai.kernels import dense, recurrence
from vartai.sequences import SequenceBatch

State = tuple[Tensor, ...]
CELLS = ("rnn_tanh", "rnn_relu", "lstm", "gru")


def run_direction(
    cell: str,
    batch: SequenceBatch,
    state: State,
    weights: tuple[Tensor, ...],
    *,
    reverse: bool = False,
) -> tuple[Tensor, State]:
    """Run one layer in one direction over ragged sequences.

    The compiled core takes float32 on a CPU; torch's dense operators take all else.

    Args:
        cell: one of `CELLS`.
        batch: data ``[N, D]``.
        state: ``[B, H]`` each: hidden, and cell for an LSTM. State before the first step taken.
        weights: ``W_ih [G·H, D], W_hh [G·H, H]``, and ``b_ih, b_hh [G·H]`` unless without bias.
        reverse: take the steps from each sequence's last to its first.

    Returns:
        outputs ``[N, H]`` in the row order of `batch`, and the state ``[B, H]`` each after the last
        step taken; a sequence of length zero keeps its initial state.

    Raises:
        OptionError: `cell` is not in `CELLS`.
        ValueError: shapes that do not belong together.
    """
    if cell not in CELLS:
        raise unknown_name("cell", cell, CELLS)
    if recurrence.takes(batch, state, weights):
        return recurrence.run_recurrence(cell, batch, state, weights, reverse=reverse)
    return dense.run_dense(cell, batch, state, weights, reverse=reverse)
