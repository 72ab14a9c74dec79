"""One call of torch's layered recurrent operators, and how the core carries it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vartai.kernels.forms import STANDARD
from vartai.kernels.ops import run_direction
from vartai.kernels.row_layout import DenseLayout, PackedLayout
from vartai.kernels.step import run_step
from vartai.sequences import SequenceBatch

State = tuple[Tensor, ...]


@dataclass(frozen=True)
class LayerCall:
    """What was asked of the operator.

    Args:
        cell: name of a standard form.
        data: ``[T, B, D]`` or ``[B, T, D]``, or the ``[N, D]`` of a `PackedSequence`.
        layout: which of those it is.
        state: ``[layers·directions, B, H]`` each; B in the order of the packed sequences.
        weights: of each layer and direction, as `vartai.kernels.ops` has them.
        dropout: share of each layer's outputs dropped, but not the last layer's; 0 if not training.
        directions: 1 or 2.
    """

    cell: str
    data: Tensor
    layout: DenseLayout | PackedLayout
    state: State
    weights: list[tuple[Tensor, ...]]
    dropout: float
    directions: int

    @classmethod
    def of(cls, cell: str, arguments: Sequence[Any]) -> LayerCall | None:
        """The call that has these arguments, None for one that only torch carries out.

        That is: projections, no step or no sequence at all, and dropout of everything.
        """
        packed = not isinstance(arguments[3], bool)
        data, form, rest = arguments[0], arguments[1] if packed else arguments[8], arguments[1:]
        hx, flat, biases, layers, dropout, train, both = rest[packed:][:7]
        state = tuple(hx) if cell == "lstm" else (hx,)
        directions, each = 1 + both, 4 if biases else 2
        if len(flat) != layers * directions * each or data.numel() == 0 or (train and dropout >= 1):
            return None
        return cls(
            cell=cell,
            data=data,
            layout=PackedLayout(form) if packed else DenseLayout.of(data, batch_first=form),
            state=state,
            weights=[tuple(flat[at : at + each]) for at in range(0, len(flat), each)],
            dropout=dropout if train else 0.0,
            directions=directions,
        )

    def tensors(self) -> list[Tensor]:
        """Everything that the core would read."""
        return [self.data, *self.state, *(weight for some in self.weights for weight in some)]

    def run(self) -> tuple[Tensor, State]:
        """Outputs laid out as `data`, and the final state shaped as `state`."""
        rows = self.layout.rows(self.data)
        finals: list[State] = []
        for first in range(0, len(self.weights), self.directions):
            if first and self.dropout > 0.0:
                rows = rows * self.layout.dropout_mask(rows, self.dropout)
            outputs = []
            for place in range(first, first + self.directions):
                start = tuple(part[place] for part in self.state)
                one, final = self._run_direction(rows, start, place)
                outputs.append(one)
                finals.append(final)
            rows = torch.cat(outputs, 1) if len(outputs) > 1 else outputs[0]
        stacked = tuple(torch.stack(parts) for parts in zip(*finals, strict=True))
        return self.layout.data(rows), stacked

    def _run_direction(self, rows: Tensor, start: State, place: int) -> tuple[Tensor, State]:
        weights = self.weights[place]
        if self.layout.one_step:
            final = run_step(self.cell, rows, start, weights)
            return final[0], final
        batch = SequenceBatch(rows, self.layout.lengths)
        reverse = place % self.directions == 1
        result = run_direction(STANDARD[self.cell], batch, start, weights, reverse=reverse)
        return result.outputs, result.final
