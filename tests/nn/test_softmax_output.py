"""A softmax, whole or in bands: probabilities that add up, and losses that are theirs."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from vartai.errors import OptionError
from vartai.nn.softmax_output import SoftmaxOutput

ROWS = torch.randn(23, 6, generator=torch.Generator().manual_seed(1))
TARGETS = torch.arange(23) % 11
CUTOFFS = [(), (4,), (3, 7), (1, 2, 10)]


@pytest.mark.parametrize("cutoffs", CUTOFFS)
def test_probabilities_add_up_to_one_and_the_loss_is_minus_their_logarithm(
    cutoffs: tuple[int, ...],
) -> None:
    output = SoftmaxOutput(6, 11, cutoffs=cutoffs)
    found = output.log_probabilities(ROWS)
    assert torch.allclose(found.exp().sum(1), torch.ones(23))
    assert torch.allclose(output(ROWS, TARGETS), -found[torch.arange(23), TARGETS], atol=1e-6)


def test_without_bands_it_is_a_linear_layer_and_a_softmax() -> None:
    output = SoftmaxOutput(6, 11)
    linear = nn.Linear(6, 11)
    linear.load_state_dict({"weight": output.own_weight.detach(), "bias": output.bias.detach()})
    expected = torch.log_softmax(linear(ROWS), 1)
    assert torch.allclose(output.log_probabilities(ROWS), expected, atol=1e-6)


def test_bands_are_those_of_torch_where_torch_projects_nothing() -> None:
    theirs = nn.AdaptiveLogSoftmaxWithLoss(6, 11, [3, 7], div_value=1.0, head_bias=True)
    ours = SoftmaxOutput(6, 11, cutoffs=[3, 7])
    with torch.no_grad():
        theirs.head.weight.copy_(torch.cat([ours.own_weight[:3], ours.band_weight]))
        theirs.head.bias.copy_(torch.cat([ours.bias[:3], ours.band_bias]))
        for tail, (low, high) in zip(theirs.tail, [(3, 7), (7, 11)], strict=True):
            tail[0].weight.copy_(torch.eye(6))
            tail[1].weight.copy_(ours.own_weight[low:high])
    assert torch.allclose(ours.log_probabilities(ROWS), theirs.log_prob(ROWS), atol=1e-5)


def test_a_tied_softmax_has_the_embedding_s_weights_and_gives_them_its_gradient() -> None:
    embedding = nn.Embedding(11, 6)
    output = SoftmaxOutput(6, 11, cutoffs=[4], tied=embedding)
    assert "own_weight" not in output.state_dict()
    output(ROWS, TARGETS).sum().backward()
    assert embedding.weight.grad is not None
    assert (embedding.weight.grad.abs().sum(1) > 0).all()


def test_gradients_of_bands_agree_with_finite_differences() -> None:
    output = SoftmaxOutput(3, 6, cutoffs=[2, 4]).double()
    rows = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
    targets = torch.tensor([0, 2, 3, 5, 1])
    assert torch.autograd.gradcheck(lambda r: output(r, targets), (rows,))


def test_cutoffs_that_do_not_ascend_within_the_vocabulary_are_refused() -> None:
    for cutoffs in ((0,), (11,), (5, 5), (7, 3)):
        with pytest.raises(OptionError, match="cutoffs must ascend between 0 and the 11 tokens"):
            SoftmaxOutput(6, 11, cutoffs=cutoffs)


def test_a_tied_embedding_of_another_size_is_refused() -> None:
    with pytest.raises(OptionError, match="a tied embedding must be 11 by 6, was 11 by 5"):
        SoftmaxOutput(6, 11, tied=nn.Embedding(11, 5))
