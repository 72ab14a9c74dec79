"""Grid LSTM: the definition of a block, and of grids of blocks along a sequence and over a plane.

A block of N sides takes a hidden vector and a memory from each, d numbers both, and gives as many:

    H = [h_1; …; h_N]
    i, f, g, o = split(W_k H + b_k)                        for every side k, weights of its own
    m'_k = sigmoid(f) * m_k + sigmoid(i) * tanh(g)
    h'_k = sigmoid(o) * tanh(m'_k)                          `gated`
           tanh(sigmoid(o) * m'_k)                          `squashed`

With a priority side, the others are computed first, and it reads their h' in the place of their h.
A side without memory has h'_k = activation(W_k H + b_k), where W_k has d rows.

The grid of a sequence has two sides: time, whose h and m come from the step before, and depth,
whose h and m come from the layer below; below the first layer stands the projected input. The grid
of a plane has three: down, from the row before, right, from the column before, and depth.

Source: Kalchbrenner, Danihelka & Graves 2015 (arXiv 1507.01526v1), sections 3 and 3.1-3.5. Its text
writes h' squashed; the implementations known to us (coreylynch/grid-lstm, grid_rnn_cell of
TensorFlow) write it gated. Gate order is PyTorch's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor

from vartai.kernels.activations import ACTIVATIONS

HIDDENS: Final = ("gated", "squashed")


class Side(NamedTuple):
    """What one side of a block computes with.

    Args:
        weight: ``[4d, N·d]``, or ``[d, N·d]`` of a side without memory.
        bias: ``[4d]`` or ``[d]``.
        activation: of a side without memory, a name of `ACTIVATIONS`; None for one with memory.
    """

    weight: Tensor
    bias: Tensor
    activation: str | None = None


class Vectors(NamedTuple):
    """Of one side: ``hidden [B, d]`` and ``memory [B, d]``, None without memory."""

    hidden: Tensor
    memory: Tensor | None


def side_step(sums: Tensor, memory: Tensor, hidden_form: str) -> tuple[Tensor, Tensor]:
    """The arithmetic of a side with memory.

    Args:
        sums: ``[…, 4d]``. ``W_k H + b_k``.
        memory: ``[…, d]``. m_k.
        hidden_form: one of `HIDDENS`.

    Returns:
        h'_k and m'_k.
    """
    i, f, g, o = sums.chunk(4, dim=-1)
    memory = torch.sigmoid(f) * memory + torch.sigmoid(i) * torch.tanh(g)
    if hidden_form == "gated":
        return torch.sigmoid(o) * torch.tanh(memory), memory
    return torch.tanh(torch.sigmoid(o) * memory), memory


def grid_block(
    given: Sequence[Vectors],
    sides: Sequence[Side],
    *,
    hidden_form: str,
    priority: int | None = None,
) -> list[Vectors]:
    """One block of N sides.

    Args:
        given: h_k and m_k of every side.
        sides: weights of every side.
        hidden_form: one of `HIDDENS`.
        priority: the side that reads what the others have become; None for none.

    Returns:
        h'_k and m'_k of every side.
    """
    made = list(given)
    first = torch.cat([vectors.hidden for vectors in given], -1)
    for k, side in enumerate(sides):
        if k != priority:
            made[k] = _one_side(first, given[k], side, hidden_form)
    if priority is not None:
        last = torch.cat([vectors.hidden for vectors in made], -1)
        made[priority] = _one_side(last, given[priority], sides[priority], hidden_form)
    return made


def block_sums(
    given: Sequence[Vectors],
    made: Sequence[Vectors],
    sides: Sequence[Side],
    *,
    priority: int | None = None,
) -> list[Tensor]:
    """``W_k H + b_k`` of every side of a block that has run: what its gates are made of.

    Args:
        given: what the block was given.
        made: what it made of it.
        sides: weights of every side.
        priority: as `grid_block` has it.
    """
    first = torch.cat([vectors.hidden for vectors in given], -1)
    last = torch.cat([(given if k == priority else made)[k].hidden for k in range(len(made))], -1)
    joined = [last if k == priority else first for k in range(len(sides))]
    return [seen @ side.weight.T + side.bias for seen, side in zip(joined, sides, strict=True)]


def _one_side(joined: Tensor, own: Vectors, side: Side, hidden_form: str) -> Vectors:
    sums = joined @ side.weight.T + side.bias
    if side.activation is not None:
        return Vectors(ACTIVATIONS[side.activation](sums), None)
    if own.memory is None:
        raise ValueError("a side with memory was given none")
    return Vectors(*side_step(sums, own.memory, hidden_form))


def run_sequence_grid(
    steps: Sequence[Vectors],
    start: Sequence[Vectors],
    layers: Sequence[tuple[Side, Side]],
    *,
    hidden_form: str,
    priority: int | None,
) -> tuple[list[Vectors], list[Vectors]]:
    """The grid of a batch of equally long sequences, block by block.

    Args:
        steps: of every step, what stands below the first layer: ``[B, d]`` each.
        start: of every layer, hidden and memory before the first step.
        layers: of every layer, from the lowest, its sides: time, depth.
        hidden_form: one of `HIDDENS`.
        priority: 0 for time, 1 for depth, None for none.

    Returns:
        Of every step what stands above the last layer, and of every layer what stands after the
        last step.
    """
    time = list(start)
    tops = []
    for below in steps:
        depth = below
        for number, sides in enumerate(layers):
            time[number], depth = grid_block(
                (time[number], depth), sides, hidden_form=hidden_form, priority=priority
            )
        tops.append(depth)
    return tops, time


def run_plane_layer(
    below: Sequence[Sequence[Vectors]],
    down: Sequence[Vectors],
    right: Sequence[Vectors],
    sides: tuple[Side, Side, Side],
    *,
    corner: tuple[str, str],
    hidden_form: str,
    priority: int | None,
) -> tuple[list[list[Vectors]], list[Vectors], list[Vectors]]:
    """One layer of the grid of a batch of equally large planes, block by block.

    Args:
        below: of every row and column, what stands below the layer: ``[B, d]`` each.
        down: of every column, what comes into its first block.
        right: of every row, what comes into its first block.
        sides: down, right, depth.
        corner: where the first block is: ``top`` or ``bottom``, ``left`` or ``right``. Down leads
            away from it from row to row, and right from column to column.
        hidden_form: one of `HIDDENS`.
        priority: 2 for depth, None for none.

    Returns:
        Of every row and column what stands above the layer, and what comes out of the last block of
        every column and of every row.
    """
    above = [list(row) for row in below]
    down, right = list(down), list(right)
    rows, columns = list(range(len(right))), list(range(len(down)))
    for i in rows if corner[0] == "top" else reversed(rows):
        for j in columns if corner[1] == "left" else reversed(columns):
            down[j], right[i], above[i][j] = grid_block(
                (down[j], right[i], below[i][j]),
                sides,
                hidden_form=hidden_form,
                priority=priority,
            )
    return above, down, right
