"""Rows of all sequences step by step, longest sequence first: those still running stand together.

    lengths  2, 0, 3     rows  a0 a1 c0 c1 c2     packed  c0 a0 | c1 a1 | c2     counts  2 2 1

This is the order of `PackedSequence`, in which a length of zero is legal here.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.kernels.regroup import regroup


class StepOrder:
    """Where each row of a ragged batch stands in packed order, and back.

    Args:
        lengths: ``[B]``, int64, CPU.
        device: where the rows are.
        reverse: each sequence is taken from its last step to its first.
    """

    def __init__(self, lengths: Tensor, *, device: torch.device, reverse: bool = False) -> None:
        sequences = torch.argsort(lengths, descending=True, stable=True)
        rank = _inverse(sequences)
        starts = lengths.cumsum(0) - lengths
        step = torch.arange(int(lengths.sum())) - starts.repeat_interleave(lengths)
        if reverse:
            step = (lengths - 1).repeat_interleave(lengths) - step
        self.counts = torch.bincount(step)
        first = self.counts.cumsum(0) - self.counts
        place = first[step] + rank.repeat_interleave(lengths)
        self.sequences = sequences.to(device)
        self.rank = rank.to(device)
        self._place_of_row = place.to(device)
        self._row_at_place = _inverse(place).to(device)

    def pack(self, rows: Tensor) -> Tensor:
        """``[N, …]`` to ``[N, …]``, step after step."""
        return regroup(rows, self._row_at_place, self._place_of_row)

    def unpack(self, packed: Tensor) -> Tensor:
        """``[N, …]``, step after step, to ``[N, …]``, sequence after sequence."""
        return regroup(packed, self._place_of_row, self._row_at_place)


def _inverse(permutation: Tensor) -> Tensor:
    inverse = torch.empty_like(permutation)
    inverse[permutation] = torch.arange(permutation.numel())
    return inverse
