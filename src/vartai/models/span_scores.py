"""A distribution over all legal spans of a sequence, and none, from scores of their ends.

    P(i, j) = exp(start_i + end_j) / Z        P(none) = exp(none) / Z

with Z the sum over the spans i ≤ j < i + longest of the sequence, and none. Normalising spans as a
whole, not their two ends each by itself, makes training and decoding speak of the same thing, and
gives "no answer" its share (as in Clark & Gardner 2018, "Simple and effective multi-paragraph
reading comprehension", section 4.1, where the softmax is shared).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vartai.sequences import SequenceBatch


@dataclass(frozen=True, eq=False)
class SpanScores:
    """What a reader says of B passages, N steps in all.

    Args:
        start: ``[N]``. Of each step as the first of an answer.
        end: ``[N]``. Of each step as the last.
        none: ``[B]``. That there is no answer; minus infinity where there must be one.
        lengths: ``[B]``, int64, CPU. Steps of each passage.
    """

    start: Tensor
    end: Tensor
    none: Tensor
    lengths: Tensor


@dataclass(frozen=True, eq=False)
class SpanTargets:
    """Spans that count as right, K in all; several may belong to one passage, or none.

    Args:
        passages: ``[K]``, int64. Which passage of the batch.
        first: ``[K]``, int64. Row, among all N, of the first step.
        last: ``[K]``, int64. Row of the last.
        none: ``[B]``, bool. Passages without answer; the others have at least one span.
    """

    passages: Tensor
    first: Tensor
    last: Tensor
    none: Tensor

    def to(self, device: torch.device | str) -> SpanTargets:
        """The same targets on another device."""
        return SpanTargets(
            self.passages.to(device),
            self.first.to(device),
            self.last.to(device),
            self.none.to(device),
        )


def log_totals(scores: SpanScores, *, longest: int) -> Tensor:
    """``[B]``: log of the sum over all legal spans of each passage, and none."""
    steps = SequenceBatch(scores.start, scores.lengths)
    inside = _steps_left(steps).unsqueeze(1) > torch.arange(longest)
    past = torch.cat([scores.end, scores.end.new_zeros(longest - 1)])
    ends = past.unfold(0, longest, 1).masked_fill(~inside.to(past.device), -torch.inf)
    by_start = scores.start + torch.logsumexp(ends, 1)
    sequence = steps.sequence_of_row()
    rows = torch.cat([by_start, scores.none])
    owner = torch.cat([sequence, torch.arange(len(steps), device=sequence.device)])
    return _log_sums(rows, owner, len(steps))


def span_loss(scores: SpanScores, targets: SpanTargets, *, longest: int) -> Tensor:
    """``[B]``: nats of what is right, whichever of several right spans it is.

    Args:
        scores: of the batch.
        targets: legal spans, or none.
        longest: most steps in a span.
    """
    right = scores.start.index_select(0, targets.first) + scores.end.index_select(0, targets.last)
    without = targets.none.nonzero().squeeze(1)
    rows = torch.cat([right, scores.none.index_select(0, without)])
    owner = torch.cat([targets.passages, without])
    return log_totals(scores, longest=longest) - _log_sums(rows, owner, len(scores.lengths))


def _steps_left(steps: SequenceBatch) -> Tensor:
    """``[N]``: steps from each row to its sequence's end, itself counted."""
    ends = steps.offsets[1:].repeat_interleave(steps.lengths)
    return ends - torch.arange(len(ends))


def _log_sums(rows: Tensor, owner: Tensor, count: int) -> Tensor:
    """``[count]``: log of the sum of exp over the rows of each owner; each must own one."""
    highest = rows.new_full((count,), -torch.inf)
    highest = highest.scatter_reduce(0, owner, rows.detach(), "amax")
    shares = torch.exp(rows - highest.index_select(0, owner))
    return rows.new_zeros(count).index_add(0, owner, shares).log() + highest
