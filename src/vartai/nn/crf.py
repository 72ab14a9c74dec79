"""A linear-chain conditional random field: scores of whole rows of tags, not of each tag alone.

The score of tags y_1 … y_T, given scores s of each step, is

    start[y_1] + Σ_t s[t, y_t] + Σ_t transitions[y_{t-1}, y_t] + end[y_T]

and the probability of y is exp(score) over the sum of exp(score) of all rows of tags. That sum is
found by the forward algorithm, the best row by Viterbi's. Source: Lafferty, McCallum & Pereira
2001; Rabiner 1989, sections III.A and III.B.

Letters: N steps of all sequences together, B sequences, C tags. Batches are ragged and hold no
padding: step t is done for the sequences that have one, longest first. A sequence of no steps has
one row of tags, the empty one, of score 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vartai.sequences import SequenceBatch

FORBIDDEN = -1e4
"""Added to the score of what must not be: far below any other, and safe to differentiate."""


@dataclass(frozen=True, eq=False)
class Legal:
    """Which tags may stand where; True is allowed.

    Args:
        start: ``[C]``, bool. May be first.
        transitions: ``[C, C]``, bool. From the row's tag to the column's.
        end: ``[C]``, bool. May be last.
    """

    start: Tensor
    transitions: Tensor
    end: Tensor


class LinearChainCRF(nn.Module):
    """Scores of transitions, learned; probabilities and best tags of ragged sequences.

    Args:
        tags: C.
        legal: what may stand where; everything if not given. What may not is as good as impossible,
            in training and in decoding.
    """

    def __init__(self, tags: int, legal: Legal | None = None) -> None:
        super().__init__()
        self.start = nn.Parameter(torch.zeros(tags))
        self.transitions = nn.Parameter(torch.zeros(tags, tags))
        self.end = nn.Parameter(torch.zeros(tags))
        self.legal = legal

    def forward(self, scores: SequenceBatch, tags: Tensor) -> Tensor:
        """Negative log-likelihood ``[B]``, in nats, of tags ``[N]``, int64.

        Args:
            scores: ``[N, C]``.
            tags: of each step.

        Raises:
            ValueError: scores of another number of tags.
        """
        return self.log_partition(scores) - self.score(scores, tags)

    def score(self, scores: SequenceBatch, tags: Tensor) -> Tensor:
        """Score ``[B]`` of a row of tags for each sequence, ``[N]`` together."""
        start, transitions, end = self._weights(scores)
        own = scores.data.gather(1, tags[:, None]).squeeze(1)
        first, last = (rows[rows >= 0].to(tags.device) for rows in _ends(scores))
        follows = torch.ones(len(tags), dtype=torch.bool, device=tags.device)
        follows[first] = False
        here = follows.nonzero().squeeze(1)
        own = own.index_add(0, here, transitions[tags[here - 1], tags[here]])
        own = own.index_add(0, first, start[tags[first]])
        own = own.index_add(0, last, end[tags[last]])
        return own.new_zeros(len(scores)).index_add(0, scores.sequence_of_row(), own)

    def log_partition(self, scores: SequenceBatch) -> Tensor:
        """``[B]``: log of the sum of exp(score) over all rows of tags; the forward algorithm."""
        start, transitions, end = self._weights(scores)
        steps = _Steps(scores)
        finished: list[Tensor] = []
        sums = scores.data.new_zeros(0, scores.data.size(1))
        for step, rows in enumerate(steps.rows):
            if step == 0:
                sums = start + rows
                continue
            finished.append(sums[len(rows) :])
            sums = torch.logsumexp(sums[: len(rows), :, None] + transitions, 1) + rows
        finished.append(sums)
        ended = torch.logsumexp(torch.cat(finished[::-1]) + end, 1)
        return ended.new_zeros(len(scores)).index_put((steps.order,), ended)

    def marginals(self, scores: SequenceBatch) -> Tensor:
        """``[N, C]``: probability of each tag of each step, whatever the others' are.

        They are the gradient of `log_partition` by the scores (Koller & Friedman 2009, 20.3).
        """
        with torch.enable_grad():
            rows = scores.data.detach().requires_grad_()
            total = self.log_partition(scores.with_data(rows)).sum()
            (found,) = torch.autograd.grad(total, rows)
        return found

    @torch.no_grad()
    def decode(self, scores: SequenceBatch) -> Tensor:
        """The best tags ``[N]``, int64; Viterbi. Of equals the one with the lowest tags last."""
        start, transitions, end = self._weights(scores)
        steps = _Steps(scores)
        best: list[Tensor] = []
        came_from: list[Tensor] = []
        for step, rows in enumerate(steps.rows):
            if step == 0:
                best.append(start + rows)
                continue
            paths = best[-1][: len(rows), :, None] + transitions
            value, source = paths.max(1)
            came_from.append(source)
            best.append(value + rows)
        chosen: list[Tensor] = []
        tags = scores.data.new_zeros(0, dtype=torch.int64)
        for step in reversed(range(len(best))):
            # Sequences that end here choose their last tag; the others came from somewhere.
            going_on = len(tags)
            if going_on:
                tags = came_from[step][:going_on].gather(1, tags[:, None]).squeeze(1)
            tags = torch.cat([tags, (best[step][going_on:] + end).argmax(1)])
            chosen.append(tags)
        return steps.restore(chosen[::-1])

    def _weights(self, scores: SequenceBatch) -> tuple[Tensor, Tensor, Tensor]:
        """Start, transitions and end, with a penalty for what is not legal."""
        if scores.data.dim() != 2 or scores.data.size(1) != len(self.start):
            raise ValueError(
                f"LinearChainCRF: scores must be [N, {len(self.start)}], "
                f"were {list(scores.data.shape)}"
            )
        weights = (self.start, self.transitions, self.end)
        if self.legal is None:
            return weights
        masks = (self.legal.start, self.legal.transitions, self.legal.end)
        start, transitions, end = (
            weight.masked_fill(~mask.to(weight.device), FORBIDDEN)
            for weight, mask in zip(weights, masks, strict=True)
        )
        return start, transitions, end


class _Steps:
    """The rows of a batch by step: at each, those of the sequences that have it, longest first."""

    def __init__(self, batch: SequenceBatch) -> None:
        lengths = batch.lengths
        self.order = torch.argsort(lengths, descending=True, stable=True)[
            : int((lengths > 0).sum())
        ]
        offsets = batch.offsets[:-1][self.order]
        sizes = [int((lengths > step).sum()) for step in range(batch.steps)]
        places = [offsets[:size] + step for step, size in enumerate(sizes)]
        self._places = torch.cat(places) if places else torch.zeros(0, dtype=torch.int64)
        self._places = self._places.to(batch.data.device)
        self.rows = torch.split(batch.data.index_select(0, self._places), sizes) if sizes else ()

    def restore(self, by_step: list[Tensor]) -> Tensor:
        """``[N]`` in the order of the batch from one tensor a step."""
        if not by_step:
            return torch.zeros(0, dtype=torch.int64, device=self._places.device)
        joined = torch.cat(by_step)
        return torch.empty_like(joined).index_copy(0, self._places, joined)


def _ends(batch: SequenceBatch) -> tuple[Tensor, Tensor]:
    """Rows of first and last steps; -1 for sequences without any."""
    return batch.first_rows(), batch.last_rows()
