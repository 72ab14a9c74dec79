"""From the rows of each sequence to one vector a sequence.

An empty sequence pools to zeros everywhere: it says nothing.

`after_each` pools a sequence as if it ended after each of its steps. That is what a layer in one
direction would have pooled then; outputs of a direction that reads from the end are others, though.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from vartai.kernels.regroup import TimeGrid
from vartai.sequences import SequenceBatch


class LastPool(nn.Module):
    """The last output of the forward half and the first of the backward half of the features.

    Args:
        bidirectional: whether the second half of the features was read from the end.
    """

    def __init__(self, *, bidirectional: bool) -> None:
        super().__init__()
        self.bidirectional = bidirectional

    def forward(self, batch: SequenceBatch) -> Tensor:
        """Data ``[N, F]`` to ``[B, F]``."""
        padded = torch.cat([batch.data, batch.data.new_zeros(1, batch.data.size(1))])
        device = batch.data.device
        # Row -1, "no such step", is the row of zeros at the end.
        last = padded[batch.last_rows().to(device)]
        if not self.bidirectional:
            return last
        half = batch.data.size(1) // 2
        first = padded[batch.first_rows().to(device)]
        return torch.cat([last[:, :half], first[:, half:]], dim=1)

    def after_each(self, batch: SequenceBatch) -> Tensor:
        """Data ``[N, F]`` to ``[N, F]``, as if each step were the sequence's last."""
        if not self.bidirectional:
            return batch.data
        half = batch.data.size(1) // 2
        first = batch.first_rows().clamp(min=0)[batch.sequence_of_row().cpu()]
        return torch.cat([batch.data[:, :half], batch.data[first, half:]], dim=1)


class MeanPool(nn.Module):
    """The mean over a sequence's steps."""

    def forward(self, batch: SequenceBatch) -> Tensor:
        """Data ``[N, F]`` to ``[B, F]``."""
        total = batch.data.new_zeros(len(batch), batch.data.size(1))
        total = total.index_add(0, batch.sequence_of_row(), batch.data)
        return total / batch.lengths.clamp(min=1).to(batch.data.device).unsqueeze(1)

    def after_each(self, batch: SequenceBatch) -> Tensor:
        """Data ``[N, F]`` to ``[N, F]``, as if each step were the sequence's last."""
        return _joined(batch, lambda rows: (_sums(rows) / _counted(rows)).to(rows.dtype))


class MaxPool(nn.Module):
    """The largest value of each feature over a sequence's steps."""

    def forward(self, batch: SequenceBatch) -> Tensor:
        """Data ``[N, F]`` to ``[B, F]``."""
        if batch.steps == 0:
            return batch.data.new_zeros(len(batch), batch.data.size(1))
        steps = batch.steps
        grid = TimeGrid(batch.lengths, steps=steps, device=batch.data.device).spread(batch.data)
        past = (torch.arange(steps)[:, None] >= batch.lengths).to(batch.data.device).unsqueeze(2)
        highest = grid.masked_fill(past, -torch.inf).amax(0)
        empty = (batch.lengths == 0).to(batch.data.device).unsqueeze(1)
        return highest.masked_fill(empty, 0.0)

    def after_each(self, batch: SequenceBatch) -> Tensor:
        """Data ``[N, F]`` to ``[N, F]``, as if each step were the sequence's last."""
        return _joined(batch, lambda rows: rows.cummax(0).values)


class AttentionPool(nn.Module):
    """A weighted mean whose weights the model learns: softmax over steps of u·tanh(W x + b).

    Source: Yang et al., "Hierarchical attention networks for document classification", 2016,
    equations 5-7.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(features, features)
        self.score = nn.Linear(features, 1, bias=False)

    def scores(self, rows: Tensor) -> Tensor:
        """``[N, F]`` to ``[N]``: what weights are the softmax of."""
        scores: Tensor = self.score(torch.tanh(self.hidden(rows))).squeeze(1)
        return scores

    def weights(self, batch: SequenceBatch) -> Tensor:
        """``[N]``: share of each step; those of a sequence add up to 1."""
        scores = self.scores(batch.data)
        sequence = batch.sequence_of_row()
        highest = scores.new_full((len(batch),), -torch.inf)
        highest = highest.scatter_reduce(0, sequence, scores.detach(), "amax")
        shares = torch.exp(scores - highest[sequence])
        total = scores.new_zeros(len(batch)).index_add(0, sequence, shares)
        weights: Tensor = shares / total[sequence]
        return weights

    def forward(self, batch: SequenceBatch) -> Tensor:
        """Data ``[N, F]`` to ``[B, F]``."""
        weighted = batch.data * self.weights(batch).unsqueeze(1)
        total = batch.data.new_zeros(len(batch), batch.data.size(1))
        return total.index_add(0, batch.sequence_of_row(), weighted)

    def after_each(self, batch: SequenceBatch) -> Tensor:
        """Data ``[N, F]`` to ``[N, F]``, as if each step were the sequence's last."""

        def pooled(rows: Tensor) -> Tensor:
            scores = self.scores(rows).double().unsqueeze(1)
            shares = torch.exp(scores - scores.max())
            return (_sums(shares * rows) / _sums(shares)).to(rows.dtype)

        return _joined(batch, pooled)


def _joined(batch: SequenceBatch, pooled: Callable[[Tensor], Tensor]) -> Tensor:
    """What is made of each sequence that has a step, one after another."""
    parts = [pooled(rows) for rows in batch.split() if len(rows)]
    return torch.cat(parts) if parts else batch.data


def _sums(rows: Tensor) -> Tensor:
    """Of all rows up to each; in float64, for a long sum loses what is added to it."""
    return rows.cumsum(0, dtype=torch.float64)


def _counted(rows: Tensor) -> Tensor:
    return torch.arange(1, len(rows) + 1, device=rows.device).unsqueeze(1)
