"""Attention by each kind's own equation, for ragged sources."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from vartai.errors import OptionError
from vartai.nn.attention import (
    ATTENTIONS,
    AdditiveAttention,
    Attention,
    MultiplicativeAttention,
    build_attention,
)
from vartai.sequences import SequenceBatch

SIZE, LENGTHS = 6, torch.tensor([4, 1, 0, 3])
KINDS = [name for name in ATTENTIONS if name != "none"]


def annotations(seed: int = 0) -> SequenceBatch:
    draw = torch.Generator().manual_seed(seed)
    return SequenceBatch(torch.randn(int(LENGTHS.sum()), SIZE, generator=draw), LENGTHS)


def built(kind: str) -> Attention:
    torch.manual_seed(1)
    attention = build_attention(kind, query_size=SIZE, features=SIZE)
    assert attention is not None
    return attention


def score(attention: Attention, query: Tensor, annotation: Tensor) -> Tensor:
    """The equation of the module's docstring, one query and one annotation at a time."""
    if isinstance(attention, AdditiveAttention):
        inner = attention.query.weight @ query + attention.key.weight @ annotation
        return attention.score @ torch.tanh(inner + attention.key.bias)
    if isinstance(attention, MultiplicativeAttention):
        return query @ (attention.key.weight @ annotation)
    return query @ annotation


@pytest.mark.parametrize("kind", KINDS)
def test_weights_and_contexts_follow_the_equations(kind: str) -> None:
    attention, batch = built(kind), annotations()
    queries = torch.randn(len(batch), 2, SIZE, generator=torch.Generator().manual_seed(2))
    contexts, weights = attention(queries, attention.remember(batch))
    for place, own in enumerate(batch.split()):
        for step in range(2):
            if not len(own):
                assert not contexts[place].any()
                assert not weights[place].any()
                continue
            scores = torch.stack([score(attention, queries[place, step], row) for row in own])
            shares = torch.softmax(scores, 0)
            torch.testing.assert_close(weights[place, step, : len(own)], shares)
            torch.testing.assert_close(contexts[place, step], shares @ own)
            assert not weights[place, step, len(own) :].any()


@pytest.mark.parametrize("kind", KINDS)
def test_no_gradient_comes_from_beyond_an_end_or_is_not_a_number(kind: str) -> None:
    attention, batch = built(kind), annotations()
    rows = batch.data.clone().requires_grad_()
    memory = attention.remember(batch.with_data(rows))
    queries = torch.ones(len(batch), 1, SIZE, requires_grad=True)
    contexts, _ = attention(queries, memory)
    contexts[2].sum().backward(retain_graph=True)
    assert not rows.grad.any()  # the third source has no step
    contexts.sum().backward()
    assert rows.grad.isfinite().all()
    assert queries.grad.isfinite().all()


def test_a_memory_of_some_sequences_is_theirs_alone() -> None:
    attention, batch = built("additive"), annotations()
    memory = attention.remember(batch)
    whole, _ = attention(torch.ones(4, 1, SIZE), memory)
    part, weights = attention(torch.ones(2, 1, SIZE), memory.select(torch.tensor([1, 3])))
    torch.testing.assert_close(part, whole[[1, 3]])
    assert weights.shape == (2, 1, 3)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(OptionError, match="unknown attention 'adition'; known: additive, dot, mul"):
        build_attention("adition", query_size=2, features=2)


def test_dot_compares_vectors_of_one_size_only() -> None:
    with pytest.raises(OptionError, match="queries have 4 numbers and annotations 6"):
        build_attention("dot", query_size=4, features=6)


def test_none_is_no_attention() -> None:
    assert build_attention("none", query_size=4, features=6) is None
