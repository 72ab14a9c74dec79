"""Cells that are no `Form` over ragged sequences, one at a time: slow, short, no special case."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from vartai.kernels.direction import State
from vartai.kernels.reference.ind_rnn import ind_rnn_step
from vartai.kernels.reference.min_gru import CANDIDATES, min_gru_step
from vartai.kernels.reference.min_lstm import min_lstm_step
from vartai.kernels.reference.slstm import SLSTMState, slstm_step
from vartai.sequences import SequenceBatch

Step = Callable[[Tensor, State, tuple[Tensor, ...]], State]


def _minimal(step: Callable[..., Tensor], candidate: str) -> Step:
    """The step of a minimal gated cell with one of its candidates."""
    return lambda x, state, weights: (step(x, state[0], weights, candidate=candidate),)


STEPS: dict[str, Step] = {
    "ind_rnn_tanh": lambda x, state, weights: (ind_rnn_step(x, state[0], weights, relu=False),),
    "ind_rnn_relu": lambda x, state, weights: (ind_rnn_step(x, state[0], weights, relu=True),),
    "slstm": lambda x, state, weights: slstm_step(x, SLSTMState(*state), weights),
    **{f"min_gru_{name}": _minimal(min_gru_step, name) for name in CANDIDATES},
    **{f"min_lstm_{name}": _minimal(min_lstm_step, name) for name in CANDIDATES},
}


def run_parallel(
    cell: str,
    batch: SequenceBatch,
    state: State,
    weights: tuple[Tensor, ...],
    *,
    reverse: bool = False,
) -> tuple[Tensor, State]:
    """Run a cell through every sequence; the definition of a recurrent layer's direction.

    Args:
        cell: a key of `STEPS`.
        batch: data ``[N, D]``.
        state: ``[B, H]`` each. State before the first step that is taken.
        weights: as the cell's step takes them.
        reverse: take the steps from each sequence's last to its first.

    Returns:
        outputs ``[N, H]``, in the row order of `batch`, and the state ``[B, H]`` each after the
        last step taken. A sequence of length zero keeps its initial state.
    """
    step = STEPS[cell]
    outputs: list[Tensor] = []
    finals: list[State] = []
    for index, rows in enumerate(batch.split()):
        current: State = tuple(part[index : index + 1] for part in state)
        order = range(len(rows) - 1, -1, -1) if reverse else range(len(rows))
        hiddens: dict[int, Tensor] = {}
        for t in order:
            current = step(rows[t : t + 1], current, weights)
            hiddens[t] = current[0]
        outputs.extend(hiddens[t] for t in range(len(rows)))
        finals.append(current)
    hidden_size = state[0].size(1)
    stacked = torch.cat(outputs) if outputs else batch.data.new_zeros(0, hidden_size)
    final = tuple(torch.cat(parts) for parts in zip(*finals, strict=True)) if finals else state
    return stacked, final
