"""Loss and gradients of a vocabulary, against torch's own, a block of rows at a time."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from vartai.nn import token_loss as module
from vartai.nn.token_loss import token_loss


def made(rows: int, vocabulary: int, seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    draw = torch.Generator().manual_seed(seed)
    features, weight, bias = (
        torch.randn(*shape, generator=draw, dtype=torch.float64).requires_grad_()
        for shape in ((rows, 4), (vocabulary, 4), (vocabulary,))
    )
    targets = torch.randint(vocabulary, (rows,), generator=draw)
    return features, weight, bias, targets


@given(
    rows=st.integers(0, 20),
    vocabulary=st.integers(2, 30),
    smoothing=st.sampled_from((0.0, 0.1, 0.5)),
    block=st.integers(1, 200),
    seed=st.integers(0, 2**16),
)
def test_loss_and_gradients_are_those_of_torch(
    rows: int, vocabulary: int, smoothing: float, block: int, seed: int
) -> None:
    features, weight, bias, targets = made(rows, vocabulary, seed)
    before, module._BLOCK = module._BLOCK, block
    try:
        found = token_loss(features, weight, bias, targets, smoothing=smoothing)
    finally:
        module._BLOCK = before
    scores = torch.nn.functional.linear(features, weight, bias)
    expected = torch.nn.functional.cross_entropy(
        scores, targets, label_smoothing=smoothing, reduction="sum"
    )
    torch.testing.assert_close(found.total, expected)
    each = torch.nn.functional.cross_entropy(
        scores, targets, label_smoothing=smoothing, reduction="none"
    )
    torch.testing.assert_close(found.rows, each.detach())
    assert int(found.right) == int((scores.argmax(1) == targets).sum())
    own = torch.autograd.grad(3 * found.total, (features, weight, bias))
    theirs = torch.autograd.grad(3 * expected, (features, weight, bias))
    for one, other in zip(own, theirs, strict=True):
        torch.testing.assert_close(one, other)


def test_scores_too_large_for_exp_do_no_harm() -> None:
    features = torch.tensor([[1000.0], [-1000.0]])
    weight = torch.tensor([[1.0], [-1.0]], requires_grad=True)
    found = token_loss(features, weight, torch.zeros(2), torch.tensor([0, 0]))
    found.total.backward()
    assert float(found.total.detach()) == 2000.0
    assert weight.grad.isfinite().all()


def test_without_gradients_none_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    features, weight, bias, targets = made(3, 5, 0)
    expected = float(token_loss(features, weight, bias, targets).total.detach())
    monkeypatch.setattr(Tensor, "addmm_", None)
    with torch.no_grad():
        assert float(token_loss(features, weight, bias, targets).total) == pytest.approx(expected)
