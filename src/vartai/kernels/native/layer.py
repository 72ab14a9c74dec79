"""Recurrent layers of the compiled core, as functions of tensors.

One layer in one direction is one call forward and one call back; the core knows only addresses of
contiguous float32 memory, so shapes are checked and memory is made here. What a forward pass keeps
for the backward pass is its *tape*: the activated gates of every row, and one number a unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vartai.kernels.direction import State
from vartai.kernels.native import door
from vartai.kernels.native.door import address, require_shape
from vartai.sequences import SequenceBatch

# In the order of CellKind in csrc/recurrence.h.
KINDS = ("rnn_tanh", "rnn_relu", "lstm", "gru")
GATES = {"rnn_tanh": 1, "rnn_relu": 1, "lstm": 4, "gru": 3}
# Sequences that one thread takes along together at most, so that what they share stays in cache.
_MOST_TOGETHER = 64


@dataclass(frozen=True)
class Direction:
    """One cell over one batch in one direction: sizes, and which row each step takes."""

    cell: str
    rows: door.core.Rows
    input_size: int
    hidden_size: int

    @property
    def kind(self) -> int:
        """The cell's number in the core."""
        return KINDS.index(self.cell)

    @property
    def gates(self) -> int:
        """G, the blocks of rows in each matrix of weights."""
        return GATES[self.cell]


@dataclass(frozen=True)
class Weights:
    """``W_ih [G·H, D]``, ``W_hh [G·H, H]``, and ``b_ih``, ``b_hh [G·H]``: both, or neither."""

    inputs: Tensor
    recurrent: Tensor
    input_bias: Tensor | None
    bias: Tensor | None


@dataclass(frozen=True)
class Tape:
    """What a forward pass computed: outputs ``[N, H]``, final states ``[B, H]`` each.

    Where it was asked to keep them: activated gates ``[N, G·H]`` (an RNN's are its outputs), and
    kept ``[N, H]``: the cells of an LSTM, ``W_hn h + b_hn`` of a GRU.
    """

    gates: Tensor
    kept: Tensor | None
    outputs: Tensor
    final: State


@dataclass(frozen=True)
class Gradients:
    """What a backward pass computed: of data ``[N, D]``, of the state before the first step.

    Of weights and biases too, as `Weights` has them.
    """

    data: Tensor | None
    state: State
    weights: Weights


def rows_of(batch: SequenceBatch, *, reverse: bool) -> door.core.Rows:
    """Which row each step of a batch takes, in groups for as many threads as torch has."""
    lengths = batch.lengths.contiguous()
    count, threads = len(batch), torch.get_num_threads()
    groups = threads * max(1, -(-count // (threads * _MOST_TOGETHER)))
    return door.core.Rows(lengths.data_ptr(), count, reverse=reverse, groups=groups)


def plan(
    cell: str, batch: SequenceBatch, state: State, weights: tuple[Tensor, ...], *, reverse: bool
) -> Direction:
    """Check that all shapes belong together, and lay out who takes which step.

    Raises:
        ValueError: names the first tensor whose shape does not fit, with what it should be.
    """
    count, size = len(batch), state[0].size(-1)
    rows = rows_of(batch, reverse=reverse)
    direction = Direction(cell, rows, batch.data.size(-1), size)
    stacked = direction.gates * size
    require_shape(cell, "data", batch.data, (rows.total, direction.input_size))
    for name, part in zip(("hidden", "cell"), state, strict=False):
        require_shape(cell, name, part, (count, size))
    shapes = ((stacked, direction.input_size), (stacked, size), (stacked,), (stacked,))
    names = ("W_ih", "W_hh", "b_ih", "b_hh")
    for name, weight, shape in zip(names, weights, shapes, strict=False):
        require_shape(cell, name, weight, shape)
    if len(state) != (2 if cell == "lstm" else 1) or len(weights) not in (2, 4):
        raise ValueError(f"{cell}: {len(state)} states and {len(weights)} weights do not make one")
    return direction


def forward(
    direction: Direction, data: Tensor, state: State, weights: Weights, *, keep: bool
) -> Tape:
    """Run; with `keep`, the tape is whole. All tensors contiguous float32 on the CPU."""
    rows, size = direction.rows.total, direction.hidden_size
    gated = keep and direction.cell in ("lstm", "gru")
    gates = data.new_empty(rows if gated else 0, direction.gates * size)
    outputs = data.new_empty(rows, size)
    kept = torch.empty_like(outputs) if gated else None
    final = tuple(torch.empty_like(part) for part in state)
    door.core.forward(
        direction.rows,
        direction.kind,
        input_size=direction.input_size,
        hidden_size=size,
        threads=torch.get_num_threads(),
        tape=keep,
        data=data.data_ptr(),
        input_weights=weights.inputs.data_ptr(),
        weights=weights.recurrent.data_ptr(),
        input_bias=address(weights.input_bias),
        bias=address(weights.bias),
        hidden=state[0].data_ptr(),
        cell=cell_address(state),
        gates=gates.data_ptr(),
        outputs=outputs.data_ptr(),
        kept=address(kept),
        final_hidden=final[0].data_ptr(),
        final_cell=cell_address(final),
    )
    return Tape(gates, kept, outputs, final)


def backward(
    direction: Direction,
    tape: Tape,
    data: Tensor,
    state: State,
    weights: tuple[Tensor, Tensor],
    d_results: tuple[Tensor | None, ...],
    *,
    of_data: bool,
) -> Gradients:
    """Run back through time.

    Args:
        direction: as in `forward`.
        tape: what `forward` kept; its final states are not read.
        data: as in `forward`.
        state: as in `forward`.
        weights: ``W_ih``, ``W_hh``.
        d_results: of outputs ``[N, H]`` and of each final state ``[B, H]``; None counts as zeros.
        of_data: whether the gradient of the data is wanted.
    """
    size, stacked = direction.hidden_size, direction.gates * direction.hidden_size
    d_data = torch.empty_like(data) if of_data else None
    d_state = tuple(torch.empty_like(part) for part in state)
    d_inputs, d_recurrent = (torch.empty_like(weight) for weight in weights)
    d_input_bias = data.new_empty(stacked)
    # Both are added to all sums, but for those of a GRU's last gate.
    d_bias = torch.empty_like(d_input_bias) if direction.cell == "gru" else None
    door.core.backward(
        direction.rows,
        direction.kind,
        input_size=direction.input_size,
        hidden_size=size,
        threads=torch.get_num_threads(),
        data=data.data_ptr(),
        input_weights=weights[0].data_ptr(),
        weights=weights[1].data_ptr(),
        hidden=state[0].data_ptr(),
        cell=cell_address(state),
        gates=tape.gates.data_ptr(),
        outputs=tape.outputs.data_ptr(),
        kept=address(tape.kept),
        d_outputs=address(d_results[0]),
        d_final_hidden=address(d_results[1]),
        d_final_cell=cell_address(d_results[1:]),
        d_data=address(d_data),
        d_hidden=d_state[0].data_ptr(),
        d_cell=cell_address(d_state),
        d_input_weights=d_inputs.data_ptr(),
        d_weights=d_recurrent.data_ptr(),
        d_input_bias=d_input_bias.data_ptr(),
        d_bias=address(d_bias),
    )
    d_biases = (d_input_bias, d_input_bias if d_bias is None else d_bias)
    return Gradients(d_data, d_state, Weights(d_inputs, d_recurrent, *d_biases))


def cell_address(state: tuple[Tensor | None, ...]) -> int:
    """Where the cells of a state begin; 0 for a state without."""
    return address(state[1]) if len(state) > 1 else 0
