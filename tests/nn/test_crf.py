"""The conditional random field against the sum over every row of tags there is."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from vartai.nn.crf import Legal, LinearChainCRF
from vartai.sequences import SequenceBatch

TAGS = 3


def make(lengths: list[int], *, seed: int = 0, legal: Legal | None = None):
    """A field with weights drawn at random, and scores for sequences of these lengths."""
    random = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random, dtype=torch.float64)

    crf = LinearChainCRF(TAGS, legal).double()
    for parameter, drawn in (
        (crf.start, draw(TAGS)),
        (crf.transitions, draw(TAGS, TAGS)),
        (crf.end, draw(TAGS)),
    ):
        parameter.data.copy_(drawn)
    counts = torch.tensor(lengths, dtype=torch.int64)
    return crf, SequenceBatch(draw(sum(lengths), TAGS), counts)


def score_of(crf: LinearChainCRF, rows: Tensor, tags: tuple[int, ...]) -> float:
    """The definition, a term at a time."""
    if not tags:
        return 0.0
    total = crf.start[tags[0]] + crf.end[tags[-1]]
    for step, tag in enumerate(tags):
        total = total + rows[step, tag]
        if step:
            total = total + crf.transitions[tags[step - 1], tag]
    return float(total.detach())


def every_row(length: int) -> list[tuple[int, ...]]:
    return list(itertools.product(range(TAGS), repeat=length))


lengths_of_batches = st.lists(st.integers(0, 5), min_size=1, max_size=5)


@settings(deadline=None, max_examples=30)
@given(lengths=lengths_of_batches, seed=st.integers(0, 1000))
def test_the_forward_algorithm_sums_over_every_row_of_tags(lengths: list[int], seed: int) -> None:
    crf, scores = make(lengths, seed=seed)
    found = crf.log_partition(scores)
    for rows, value in zip(scores.split(), found, strict=True):
        terms = [score_of(crf, rows, tags) for tags in every_row(len(rows))]
        expected = torch.logsumexp(torch.tensor(terms, dtype=torch.float64), 0)
        torch.testing.assert_close(value, expected)


@settings(deadline=None, max_examples=30)
@given(lengths=lengths_of_batches, seed=st.integers(0, 1000))
def test_viterbi_finds_the_best_row_of_all(lengths: list[int], seed: int) -> None:
    crf, scores = make(lengths, seed=seed)
    best = scores.with_data(crf.decode(scores)).split()
    for rows, tags in zip(scores.split(), best, strict=True):
        expected = max(every_row(len(rows)), key=lambda row: score_of(crf, rows, row))
        assert tuple(tags.tolist()) == expected


@settings(deadline=None, max_examples=30)
@given(lengths=lengths_of_batches, seed=st.integers(0, 1000))
def test_the_score_of_a_row_is_the_sum_of_its_terms(lengths: list[int], seed: int) -> None:
    crf, scores = make(lengths, seed=seed)
    random = torch.Generator().manual_seed(seed)
    tags = torch.randint(TAGS, (sum(lengths),), generator=random)
    found = crf.score(scores, tags)
    own = scores.with_data(tags).split()
    for rows, row, value in zip(scores.split(), own, found, strict=True):
        assert value.detach().item() == pytest.approx(score_of(crf, rows, tuple(row.tolist())))


def test_gradients_are_those_of_finite_differences() -> None:
    crf, scores = make([3, 0, 1, 4])
    tags = torch.tensor([0, 2, 1, 1, 0, 0, 2, 1])

    def nats(data: Tensor, start: Tensor, transitions: Tensor, end: Tensor) -> Tensor:
        weights = {"start": start, "transitions": transitions, "end": end}
        batch = scores.with_data(data)
        found: Tensor = torch.func.functional_call(crf, weights, (batch, tags))
        return found

    inputs = (scores.data, crf.start, crf.transitions, crf.end)
    assert torch.autograd.gradcheck(nats, tuple(x.detach().requires_grad_() for x in inputs))


def test_probabilities_of_all_rows_add_up_to_one() -> None:
    crf, scores = make([3])
    nats = [crf(scores, torch.tensor(tags)) for tags in every_row(3)]
    assert torch.exp(-torch.cat(nats)).sum().detach().item() == pytest.approx(1.0)


def test_what_is_not_legal_is_never_chosen_and_costs_no_probability() -> None:
    legal = Legal(
        start=torch.tensor([True, False, True]),
        transitions=torch.tensor([[True, True, True], [True, True, True], [True, False, True]]),
        end=torch.tensor([True, True, False]),
    )
    crf, scores = make([4, 2, 1], legal=legal)
    # Everything speaks for what must not be.
    scores.data[:, 1] += 50.0
    for rows in scores.with_data(crf.decode(scores)).split():
        tags = rows.tolist()
        assert tags[0] != 1
        assert tags[-1] != 2
        assert (2, 1) not in itertools.pairwise(tags)
    allowed = [
        tags
        for tags in every_row(2)
        if tags[0] != 1 and tags[-1] != 2 and (2, 1) not in itertools.pairwise(tags)
    ]
    middle = SequenceBatch(scores.split()[1], torch.tensor([2]))
    nats = torch.cat([crf(middle, torch.tensor(tags)) for tags in allowed])
    assert torch.exp(-nats).sum().detach().item() == pytest.approx(1.0)


def test_a_sequence_does_not_depend_on_its_neighbours_or_their_order() -> None:
    crf, scores = make([2, 5, 0, 3])
    whole = crf.log_partition(scores)
    order = [3, 2, 0, 1]
    rows = scores.split()
    turned = SequenceBatch(
        torch.cat([rows[at] for at in order]), torch.tensor([len(rows[at]) for at in order])
    )
    torch.testing.assert_close(crf.log_partition(turned), whole[order])
    alone = [crf.log_partition(SequenceBatch(r, torch.tensor([len(r)]))) for r in rows]
    torch.testing.assert_close(torch.cat(alone), whole)


def test_an_empty_batch_has_no_loss() -> None:
    crf, scores = make([])
    assert crf.log_partition(scores).shape == (0,)
    assert crf.decode(scores).shape == (0,)


def test_scores_of_another_number_of_tags_are_refused() -> None:
    crf, _ = make([1])
    scores = SequenceBatch(torch.zeros(1, 4, dtype=torch.float64), torch.tensor([1]))
    with pytest.raises(ValueError, match=r"scores must be \[N, 3\], were \[1, 4\]"):
        crf.decode(scores)
