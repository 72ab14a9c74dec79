from __future__ import annotations

import itertools

import torch
from hypothesis import given
from hypothesis import strategies as st

from vartai.models.span_scores import SpanScores, SpanTargets, log_totals, span_loss

LENGTHS = st.lists(st.integers(1, 6), min_size=1, max_size=4)


def make(lengths: list[int], seed: int, *, answerable: bool = False) -> SpanScores:
    torch.manual_seed(seed)
    rows = sum(lengths)
    none = torch.full((len(lengths),), -torch.inf) if answerable else torch.randn(len(lengths))
    return SpanScores(torch.randn(rows), torch.randn(rows), none, torch.tensor(lengths))


def by_hand(scores: SpanScores, longest: int) -> list[float]:
    """The sum over every legal span, one by one."""
    totals = []
    starts = scores.start.split(scores.lengths.tolist())
    ends = scores.end.split(scores.lengths.tolist())
    for start, end, none in zip(starts, ends, scores.none, strict=True):
        steps = range(len(start))
        each = [
            start[i] + end[j] for i, j in itertools.product(steps, steps) if i <= j < i + longest
        ]
        totals.append(float(torch.stack([*each, none]).logsumexp(0)))
    return totals


@given(LENGTHS, st.integers(1, 8), st.booleans())
def test_the_total_is_that_of_all_legal_spans_and_none(
    lengths: list[int], longest: int, answerable: bool
) -> None:
    scores = make(lengths, 0, answerable=answerable)
    expected = torch.tensor(by_hand(scores, longest))
    torch.testing.assert_close(log_totals(scores, longest=longest), expected)


def test_the_loss_is_the_share_of_all_right_spans_together() -> None:
    scores = make([3, 4], 1)
    targets = SpanTargets(
        passages=torch.tensor([0, 0]),
        first=torch.tensor([0, 1]),
        last=torch.tensor([1, 1]),
        none=torch.tensor([False, True]),
    )
    totals = log_totals(scores, longest=2)
    right = torch.stack([scores.start[0] + scores.end[1], scores.start[1] + scores.end[1]])
    expected = torch.stack([totals[0] - right.logsumexp(0), totals[1] - scores.none[1]])
    torch.testing.assert_close(span_loss(scores, targets, longest=2), expected)


def test_a_passage_that_must_be_answered_gives_finite_gradients() -> None:
    scores = make([5, 2], 2, answerable=True)
    scores.start.requires_grad_()
    targets = SpanTargets(
        torch.tensor([0, 1]), torch.tensor([4, 5]), torch.tensor([4, 6]), torch.tensor([False] * 2)
    )
    span_loss(scores, targets, longest=30).sum().backward()
    assert scores.start.grad is not None
    assert torch.isfinite(scores.start.grad).all()
    # What is added to every start of a passage changes no span's share.
    torch.testing.assert_close(scores.start.grad.split([5, 2])[0].sum(), torch.tensor(0.0))
