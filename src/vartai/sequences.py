"""Ragged batches: the rows of all valid steps, one sequence after another, and their lengths.

Letters used throughout Vartai: T steps, B sequences, D input size, H hidden size, N = sum of the
lengths. A `SequenceBatch` never holds padding, and a sequence of length zero is legal everywhere.

    lengths  3, 0, 2          data   a0 a1 a2 c0 c1          offsets  0 3 3 5
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence


@dataclass(frozen=True, eq=False)
class SequenceBatch:
    """B sequences of different lengths, stored without padding.

    Args:
        data: ``[N, …]``. Row of every step, sequence after sequence (the order of `cu_seqlens`).
        lengths: ``[B]``, int64, on the CPU. Steps of each sequence, zero allowed.

    Raises:
        ValueError: the lengths are not int64 on the CPU, one is negative, or they do not add up
            to the number of rows. The message names the position and the numbers.

    Example:
        >>> batch = SequenceBatch(torch.arange(5.0), torch.tensor([3, 0, 2]))
        >>> batch.offsets.tolist(), batch.last_rows().tolist()
        ([0, 3, 3, 5], [2, -1, 4])
    """

    data: Tensor
    lengths: Tensor

    def __post_init__(self) -> None:
        lengths = self.lengths
        if lengths.dim() != 1 or lengths.dtype != torch.int64 or lengths.device.type != "cpu":
            raise ValueError(
                "SequenceBatch: lengths must be a 1-dimensional int64 tensor on the CPU, was "
                f"{lengths.dim()}-dimensional {lengths.dtype} on {lengths.device}"
            )
        if self.data.dim() == 0:
            raise ValueError("SequenceBatch: data must have a dimension of rows, was a scalar")
        if len(lengths) and int(lengths.min()) < 0:
            place = int((lengths < 0).nonzero()[0])
            raise ValueError(
                f"SequenceBatch: length {int(lengths[place])} of sequence {place} is negative"
            )
        if int(lengths.sum()) != self.data.size(0):
            raise ValueError(
                f"SequenceBatch: lengths add up to {int(lengths.sum())} steps, but data has "
                f"{self.data.size(0)} rows"
            )

    def __len__(self) -> int:
        return self.lengths.numel()

    @property
    def count(self) -> int:
        """B, as a compiler may leave it open; `len` is always a number."""
        return self.lengths.size(0)

    @cached_property
    def offsets(self) -> Tensor:
        """``[B+1]``, int64, CPU. Sequence b owns rows ``offsets[b]`` to ``offsets[b+1]``."""
        return torch.cat([self.lengths.new_zeros(1), self.lengths.cumsum(0)])

    @cached_property
    def steps(self) -> int:
        """T: the longest length, 0 for an empty batch."""
        return int(self.lengths.max()) if len(self) else 0

    def sequence_of_row(self) -> Tensor:
        """``[N]``, int64, on the device of the data: which sequence each row belongs to."""
        order = torch.arange(len(self)).repeat_interleave(self.lengths)
        return order.to(self.data.device)

    def last_rows(self) -> Tensor:
        """``[B]``, int64, CPU: the row of each sequence's last step, -1 where there is none."""
        return torch.where(self.lengths > 0, self.offsets[1:] - 1, -1)

    def first_rows(self) -> Tensor:
        """``[B]``, int64, CPU: the row of each sequence's first step, -1 where there is none."""
        return torch.where(self.lengths > 0, self.offsets[:-1], -1)

    def with_data(self, data: Tensor) -> SequenceBatch:
        """The same sequences with other rows, ``[N, …]``."""
        if data.dim() == 0 or data.size(0) != self.data.size(0):
            raise ValueError(
                f"SequenceBatch: expected {self.data.size(0)} rows, as before, was "
                f"{list(data.shape)}"
            )
        return _known_to_fit(data, self.lengths)

    def to(self, device: torch.device | str) -> SequenceBatch:
        """The same batch with its data on another device; lengths stay on the CPU."""
        return SequenceBatch(self.data.to(device), self.lengths)

    def split(self) -> list[Tensor]:
        """One tensor ``[length, …]`` a sequence; views of `data`."""
        return list(torch.split(self.data, self.lengths.tolist()))

    def cut(self, steps: int) -> SequenceBatch:
        """The same rows as shorter sequences: each one cut after every so many steps.

        Example:
            >>> SequenceBatch(torch.zeros(9, 2), torch.tensor([5, 0, 4])).cut(2).lengths.tolist()
            [2, 2, 1, 2, 2]
        """
        pieces = (self.lengths + steps - 1) // steps
        lengths = torch.full((int(pieces.sum()),), steps)
        last = pieces.cumsum(0)[self.lengths > 0] - 1
        lengths[last] = (self.lengths[self.lengths > 0] - 1) % steps + 1
        return SequenceBatch(self.data, lengths)

    @classmethod
    def from_sequences(cls, sequences: Sequence[Tensor]) -> SequenceBatch:
        """Join tensors ``[length, …]`` that agree in everything but length.

        Raises:
            ValueError: no sequence at all, so the shape of a row is unknown.
        """
        if not sequences:
            raise ValueError("SequenceBatch.from_sequences: expected at least one sequence, got 0")
        lengths = torch.tensor([sequence.size(0) for sequence in sequences])
        return cls(torch.cat(list(sequences)), lengths)

    @classmethod
    def from_padded(
        cls, padded: Tensor, lengths: Tensor, *, batch_first: bool = False
    ) -> SequenceBatch:
        """Drop the padding of ``[T, B, …]``, or of ``[B, T, …]`` with `batch_first`.

        Raises:
            ValueError: a length exceeds T, or their number differs from B.
        """
        if not batch_first:
            padded = padded.transpose(0, 1)
        lengths = lengths.to("cpu", torch.int64)
        if padded.size(0) != lengths.numel():
            raise ValueError(
                f"SequenceBatch.from_padded: {lengths.numel()} lengths for {padded.size(0)} "
                "sequences"
            )
        if lengths.numel() and int(lengths.max()) > padded.size(1):
            place = int(lengths.argmax())
            raise ValueError(
                f"SequenceBatch.from_padded: length {int(lengths[place])} of sequence {place} "
                f"exceeds the {padded.size(1)} steps there are"
            )
        valid = torch.arange(padded.size(1)) < lengths[:, None]
        return cls(padded[valid.to(padded.device)], lengths)

    @classmethod
    def from_equal(cls, grid: Tensor) -> SequenceBatch:
        """From ``[B, T, …]``, sequences that all have T steps."""
        count, steps = grid.shape[:2]
        rows = grid.reshape(count * steps, *grid.shape[2:])
        return _known_to_fit(rows, torch.full((count,), steps))

    def padded(self, *, batch_first: bool = False, value: float = 0.0) -> Tensor:
        """``[T, B, …]``, or ``[B, T, …]`` with `batch_first`; `value` past each end."""
        shape = (len(self), self.steps, *self.data.shape[1:])
        padded = self.data.new_full(shape, value)
        valid = torch.arange(self.steps) < self.lengths[:, None]
        padded = padded.index_put((valid.to(self.data.device),), self.data)
        return padded if batch_first else padded.transpose(0, 1)

    @classmethod
    def from_packed(cls, packed: PackedSequence) -> SequenceBatch:
        """The sequences of a `PackedSequence`, in the order they had before packing."""
        order = PackedOrder(packed.batch_sizes, packed.unsorted_indices)
        return cls(order.unpacked(packed.data), order.lengths)

    def packed(self) -> PackedSequence:
        """As a `PackedSequence`, the one that `torch.nn.utils.rnn.pack_sequence` makes.

        Raises:
            ValueError: a sequence has length zero, which a `PackedSequence` cannot hold.
        """
        if len(self) == 0 or int(self.lengths.min()) == 0:
            raise ValueError("SequenceBatch.packed: a PackedSequence cannot hold length zero")
        longest_first, sorting = torch.sort(self.lengths, descending=True)
        batch_sizes = (longest_first > torch.arange(self.steps)[:, None]).sum(1)
        unsorting = _inverse(sorting)
        data = PackedOrder(batch_sizes, unsorting).packed(self.data)
        device = self.data.device
        return PackedSequence(data, batch_sizes, sorting.to(device), unsorting.to(device))


def _known_to_fit(data: Tensor, lengths: Tensor) -> SequenceBatch:
    """A batch whose parts were found to belong together before: checking costs a short step."""
    batch = object.__new__(SequenceBatch)
    object.__setattr__(batch, "data", data)
    object.__setattr__(batch, "lengths", lengths)
    return batch


class PackedOrder:
    """Where the rows of a `PackedSequence` stand once they are sequence after sequence, and back.

    A `PackedSequence` holds step 0 of every sequence, longest first, then step 1 of those that have
    one, and so on. Between the two orders lies one permutation; nothing is padded on the way.

    Args:
        batch_sizes: ``[T]``, int64, CPU, at least one. Sequences that have each step.
        unsorted_indices: ``[B]``, int64. Place of each sequence among those sorted longest first;
            None leaves them so.
    """

    def __init__(self, batch_sizes: Tensor, unsorted_indices: Tensor | None = None) -> None:
        place = torch.arange(int(batch_sizes[0]))
        if unsorted_indices is not None:
            place = unsorted_indices.cpu()
        has_step = batch_sizes > place[:, None]
        first_at_step = batch_sizes.cumsum(0) - batch_sizes
        self.lengths = has_step.sum(1)
        self._packed_of_row = (first_at_step + place[:, None]).masked_select(has_step)
        self._row_of_packed = _inverse(self._packed_of_row)

    def unpacked(self, data: Tensor) -> Tensor:
        """``[N, …]`` of a `PackedSequence` as rows of one sequence after another."""
        return _reorder(data, self._packed_of_row, self._row_of_packed)

    def packed(self, rows: Tensor) -> Tensor:
        """``[N, …]``, one sequence after another, in the order of a `PackedSequence`."""
        return _reorder(rows, self._row_of_packed, self._packed_of_row)


def _inverse(permutation: Tensor) -> Tensor:
    places = torch.arange(permutation.numel())
    return torch.empty_like(permutation).scatter_(0, permutation, places)


def _reorder(rows: Tensor, there: Tensor, back: Tensor) -> Tensor:
    there, back = there.to(rows.device), back.to(rows.device)
    differentiated = rows.requires_grad and torch.is_grad_enabled()
    if not differentiated or torch.compiler.is_compiling():
        return rows.index_select(0, there)
    result: Tensor = _Permutation.apply(rows, there, back)  # type: ignore[no-untyped-call]
    return result


class _Permutation(torch.autograd.Function):
    """Rows by index. As no row is read twice, the gradient is a copy too, where torch would add."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, there: Tensor, back: Tensor) -> Tensor:
        ctx.save_for_backward(there, back)
        return rows.index_select(0, there)

    @staticmethod
    def backward(ctx: Any, *d_outputs: Tensor) -> tuple[Tensor, None, None]:
        there, back = ctx.saved_tensors
        return _reorder(d_outputs[0], back, there), None, None
