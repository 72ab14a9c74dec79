"""The weights and numbers of a case, in each form that somebody takes them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from vartai.measure.cases import Case
from vartai.sequences import SequenceBatch

_LAYERS: dict[str, Callable[..., nn.RNNBase]] = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}


class Work:
    """One case, made: the same numbers for the same case, whatever ran before.

    Args:
        case: what to make.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.lengths = case.lengths
        directions = 2 if case.bidirectional else 1
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            self.layer = _LAYERS[case.cell](
                case.size,
                case.size,
                num_layers=case.layers,
                bidirectional=case.bidirectional,
            )
            count = int(self.lengths.sum())
            self.batch = SequenceBatch(torch.randn(count, case.size), self.lengths)
            self._gradient = self.batch.with_data(torch.randn(count, case.size * directions))

    @property
    def parameters(self) -> dict[str, Tensor]:
        """The weights, by name."""
        return dict(self.layer.named_parameters())

    @cached_property
    def _order(self) -> PackedSequence:
        return self.batch.packed()

    def rows(self) -> tuple[Tensor, Tensor | None]:
        """Inputs ``[N, D]`` and the gradient of outputs, sequence after sequence."""
        return self._leaf(self.batch.data), self._of_outputs(lambda batch: batch.data)

    def padded(self) -> tuple[Tensor, Tensor | None]:
        """Inputs ``[T, B, D]`` and the gradient of outputs, zeros past each end."""
        return self._leaf(_padded(self.batch)), self._of_outputs(_padded)

    def packed(self) -> tuple[Tensor, Tensor | None]:
        """Data of the packed inputs ``[N, D]`` and of the gradient of outputs."""
        return self._leaf(self._order.data), self._of_outputs(lambda batch: batch.packed().data)

    def pack(self, data: Tensor) -> PackedSequence:
        """The packed sequence with this data."""
        return self._order._replace(data=data)

    def from_padded(self, grid: Tensor) -> Tensor:
        """``[T, B, …]`` to rows ``[N, …]``."""
        return SequenceBatch.from_padded(grid, self.lengths).data

    def from_packed(self, data: Tensor) -> Tensor:
        """Packed data ``[N, …]`` to rows ``[N, …]``."""
        return SequenceBatch.from_packed(self.pack(data)).data

    def _leaf(self, inputs: Tensor) -> Tensor:
        return inputs.clone().requires_grad_(self.case.training)

    def _of_outputs(self, form: Callable[[SequenceBatch], Tensor]) -> Tensor | None:
        return form(self._gradient) if self.case.training else None


def _padded(batch: SequenceBatch) -> Tensor:
    return batch.padded().contiguous()
