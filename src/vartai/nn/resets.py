"""A state that restarts within a sequence: sequences are cut where it does.

    steps      a0 a1 a2 a3 a4        reset at a2        pieces   a0 a1 | a2 a3 a4

A piece is a sequence like any other, so every path through a layer, with all gradients, serves
resets without knowing of them. Pieces share their edges with the whole sequence like this:

- reading forward, the first piece begins with the sequence's initial state, unless the state
  restarts at its very first step; every other piece begins afresh. The final state of the sequence
  is that of its last piece.
- reading in reverse, the last piece begins with the initial state and every other afresh: the
  steps before a reset know nothing of those after it. The final state is that of the first piece.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from vartai.kernels.direction import State
from vartai.kernels.padded import AnyBatch
from vartai.nn.layouts import read_layout
from vartai.sequences import SequenceBatch


def read_resets(
    reset: Tensor | PackedSequence,
    batch: SequenceBatch,
    lengths: Tensor | None,
    *,
    flat: bool,
    batch_first: bool,
) -> Tensor:
    """Where states restart, ``[N]``, bool, in the order of the rows of `batch`.

    Args:
        reset: bool, in the form of the inputs without their last dimension; ``[N]`` for a
            `SequenceBatch`.
        batch: the inputs as read.
        lengths: as given with the inputs.
        flat: the inputs were rows ``[N, D]``, so that a reset is ``[N]``.
        batch_first: padded tensors are ``[B, T]``.

    Raises:
        ValueError: not bool, or not of the same steps and sequences as the inputs.
    """
    if isinstance(reset, PackedSequence):
        read = read_layout(reset, lengths, name="reset", batch_first=False, row_dim=0).batch
    elif flat and reset.dim() == 1:
        return _require_bool(reset, same=reset.numel() == batch.data.size(0))
    elif reset.dim() == 1:
        raise ValueError(
            f"reset must have the form of the inputs without their last dimension, was "
            f"{list(reset.shape)}"
        )
    else:
        read = read_layout(reset, lengths, name="reset", batch_first=batch_first, row_dim=0).batch
    return _require_bool(read.data, same=torch.equal(read.lengths, batch.lengths))


def _require_bool(rows: Tensor, *, same: bool) -> Tensor:
    if not same:
        raise ValueError("reset must have the steps and sequences of the inputs, and does not")
    if rows.dtype != torch.bool:
        raise ValueError(f"reset must be bool, was {rows.dtype}")
    return rows


class Pieces:
    """The pieces of all sequences of a batch, in the order of the rows.

    Args:
        lengths: ``[B]``, int64, CPU.
        reset: ``[N]``, bool. Whether the state restarts at this row.
    """

    def __init__(self, lengths: Tensor, reset: Tensor) -> None:
        whole = lengths.cumsum(0) - lengths
        reset = reset.cpu()
        begins = reset.clone()
        begins[whole[lengths > 0]] = True
        rows = begins.nonzero().squeeze(1)
        sequence = torch.arange(len(lengths)).repeat_interleave(lengths)[rows]
        ends = torch.cat([rows[1:], torch.tensor([len(reset)])])
        # Sequences without steps are pieces without rows; a stable sort puts them in their place.
        empty = (lengths == 0).nonzero().squeeze(1)
        owner, order = torch.sort(torch.cat([sequence, empty]), stable=True)
        none = torch.zeros_like(empty)
        self.lengths = torch.cat([ends[: len(rows)] - rows, none])[order]
        self.sequence = owner
        changes = owner[1:] != owner[:-1]
        edge = torch.ones(min(1, len(owner)), dtype=torch.bool)
        self._first = torch.cat([edge, changes])
        self._last = torch.cat([changes, edge])
        self._restarts = torch.cat([reset[rows], none.bool()])[order]

    def batch(self, batch: AnyBatch) -> SequenceBatch:
        """The same rows, cut."""
        return SequenceBatch(batch.data, self.lengths)

    def start(self, state: State, fresh: State, *, reverse: bool) -> State:
        """The state before each piece.

        Args:
            state: ``[B, …]`` each, before each sequence.
            fresh: ``[…]`` each, what the state restarts from.
            reverse: each piece is read from its last step to its first.

        Returns:
            ``[pieces, …]`` each.
        """
        goes_on = self._last if reverse else self._first & ~self._restarts
        device = state[0].device
        goes_on, owner = goes_on.to(device).unsqueeze(1), self.sequence.to(device)
        return tuple(
            torch.where(goes_on, part.index_select(0, owner), new)
            for part, new in zip(state, fresh, strict=True)
        )

    def final(self, state: State, *, reverse: bool) -> State:
        """The state after each sequence ``[B, …]``, from those after each piece."""
        edge = self._first if reverse else self._last
        rows = edge.nonzero().squeeze(1).to(state[0].device)
        return tuple(part.index_select(0, rows) for part in state)
