"""Ragged batches: the rows of all valid steps, one sequence after another, and their lengths.

Letters used throughout Vartai: T steps, B sequences, D input size, H hidden size, N = sum of the
lengths. A `SequenceBatch` never holds padding, and a sequence of length zero is legal everywhere.

    lengths  3, 0, 2          data   a0 a1 a2 c0 c1          offsets  0 3 3 5
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

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
        return SequenceBatch(data, self.lengths)

    def to(self, device: torch.device | str) -> SequenceBatch:
        """The same batch with its data on another device; lengths stay on the CPU."""
        return SequenceBatch(self.data.to(device), self.lengths)

    def split(self) -> list[Tensor]:
        """One tensor ``[length, …]`` a sequence; views of `data`."""
        return list(torch.split(self.data, self.lengths.tolist()))

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
        padded, lengths = torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
        return cls.from_padded(padded, lengths, batch_first=True)

    def packed(self) -> PackedSequence:
        """As a `PackedSequence`.

        Raises:
            ValueError: a sequence has length zero, which a `PackedSequence` cannot hold.
        """
        if len(self) == 0 or int(self.lengths.min()) == 0:
            raise ValueError("SequenceBatch.packed: a PackedSequence cannot hold length zero")
        return torch.nn.utils.rnn.pack_padded_sequence(
            self.padded(batch_first=True), self.lengths, batch_first=True, enforce_sorted=False
        )
