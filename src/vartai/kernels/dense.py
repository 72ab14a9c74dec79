"""Recurrent layers by torch's own dense operators: any device, any float type.

They are oneDNN's on a CPU and cuDNN's on a GPU, and run on a temporary time-major grid. They know
no lengths, which is put right in three places:

- a reversed direction stands in the grid already reversed, so every sequence starts at step 0 and
  whatever follows its end is never read;
- an LSTM's final cell state is carried past the end by one more input column, 1 past the end and 0
  before, that saturates the gates there: input 0, forget 1, both exactly in floating point;
- sequences of length zero are left out and keep their initial state.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import linear

from vartai.kernels.direction import State, no_rows
from vartai.kernels.regroup import TimeGrid
from vartai.sequences import SequenceBatch

# Far enough that sigmoid gives exactly 0 or 1, and nothing in the row can bring it back.
_SATURATED = 1e4


def run_dense(
    cell: str,
    batch: SequenceBatch,
    state: State,
    weights: tuple[Tensor, ...],
    *,
    reverse: bool = False,
) -> tuple[Tensor, State]:
    """Run one layer in one direction; arguments and results as `vartai.kernels.ops` has them."""
    some = batch.lengths > 0
    if not bool(some.all()):
        return _around_empty(cell, batch, state, weights, some, reverse=reverse)
    if len(batch) == 0:
        return no_rows(linear(batch.data, weights[0]), state[0].size(1)), state
    steps = _rounded(batch.steps)
    grid = TimeGrid(batch.lengths, steps=steps, device=batch.data.device, reverse=reverse)
    inputs = grid.spread(batch.data)
    if cell == "lstm":
        inputs, weights = _carrying_past_the_end(inputs, batch.lengths, weights)
    outputs, cells = _dense(cell, inputs, state, weights)
    rows = grid.collect(outputs)
    last = batch.first_rows() if reverse else batch.last_rows()
    hidden = rows.index_select(0, last.to(rows.device))
    return rows, (hidden,) if cells is None else (hidden, cells)


def _rounded(steps: int) -> int:
    """A few grid heights serve all batches: oneDNN builds a new kernel for every new shape."""
    quantum = 4 if steps <= 64 else 16
    return -(-steps // quantum) * quantum


def _around_empty(
    cell: str,
    batch: SequenceBatch,
    state: State,
    weights: tuple[Tensor, ...],
    some: Tensor,
    *,
    reverse: bool,
) -> tuple[Tensor, State]:
    """Run the sequences that have steps; the others keep their state."""
    kept = some.nonzero().squeeze(1).to(batch.data.device)
    shorter = SequenceBatch(batch.data, batch.lengths[some])
    start = tuple(part.index_select(0, kept) for part in state)
    rows, final = run_dense(cell, shorter, start, weights, reverse=reverse)
    merged = tuple(part.index_copy(0, kept, new) for part, new in zip(state, final, strict=True))
    return rows, merged


def _carrying_past_the_end(
    inputs: Tensor, lengths: Tensor, weights: tuple[Tensor, ...]
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """``[T, B, D+1]`` inputs and ``[4H, D+1]`` weights under which c outlives its sequence."""
    steps, count, _ = inputs.shape
    if int(lengths.min()) == steps:
        return inputs, weights
    past = torch.arange(steps)[:, None] >= lengths
    column = past.to(inputs.device, inputs.dtype).view(steps, count, 1)
    hidden_size = weights[1].size(1)
    gates = weights[0].new_zeros(4, hidden_size, 1)
    gates[0] = -_SATURATED
    gates[1] = _SATURATED
    widened = torch.cat([weights[0], gates.view(4 * hidden_size, 1)], dim=1)
    return torch.cat([inputs, column], dim=2), (widened, *weights[1:])


def _dense(
    cell: str, inputs: Tensor, state: State, weights: tuple[Tensor, ...]
) -> tuple[Tensor, Tensor | None]:
    """Outputs ``[T, B, H]`` and an LSTM's final cells ``[B, H]`` of a dense time-major batch."""
    # has_biases, num_layers, dropout, train, bidirectional, batch_first: one plain direction.
    form = (len(weights) == 4, 1, 0.0, torch.is_grad_enabled(), False, False)
    params = _in_one_piece(weights) if inputs.is_cuda else list(weights)
    if cell == "lstm":
        start = [part.unsqueeze(0).contiguous() for part in state]
        outputs, _, cells = torch.lstm(inputs, start, params, *form)
        return outputs, cells.squeeze(0)
    run = {"gru": torch.gru, "rnn_tanh": torch.rnn_tanh, "rnn_relu": torch.rnn_relu}[cell]
    outputs, _ = run(inputs, state[0].unsqueeze(0).contiguous(), params, *form)
    return outputs, None


def _in_one_piece(weights: tuple[Tensor, ...]) -> list[Tensor]:
    """The same weights one after another in memory, where cuDNN would put them with a warning."""
    piece = torch.cat([weight.flatten() for weight in weights])
    own = torch.split(piece, [weight.numel() for weight in weights])
    return [part.view(weight.shape) for part, weight in zip(own, weights, strict=True)]
