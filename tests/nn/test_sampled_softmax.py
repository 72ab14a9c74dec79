"""A sample of the vocabulary stands for the whole of it."""

from __future__ import annotations

import torch

from vartai.nn.sampled_softmax import SampledSoftmax

COUNTS = torch.tensor([50.0, 0.0, 30.0, 5.0, 10.0, 5.0])


def _output(samples: int, features: int = 3) -> SampledSoftmax:
    torch.manual_seed(2)
    output = SampledSoftmax(features, COUNTS, samples=samples)
    with torch.no_grad():
        output.bias.weight.normal_()
    return output


def test_with_many_samples_the_loss_is_that_of_the_whole_softmax() -> None:
    output = _output(20_000)
    rows, targets = torch.randn(40, 3), torch.randint(0, 6, (40,))
    with torch.no_grad():
        # The target itself is scored exactly and not drawn; the others are an estimate.
        torch.testing.assert_close(
            output(rows, targets), output.exact(rows, targets), atol=0.05, rtol=0.05
        )


def test_exact_probabilities_add_up_to_one() -> None:
    output, rows = _output(5), torch.randn(1, 3)
    nats = [float(output.exact(rows, torch.tensor([token])).detach()) for token in range(6)]
    torch.testing.assert_close(torch.tensor(nats).neg().exp().sum(), torch.tensor(1.0))


def test_tokens_are_drawn_as_often_as_they_were_seen_and_unseen_ones_as_if_once() -> None:
    output = _output(50_000)
    drawn = torch.bincount(output.draw(), minlength=6) / 50_000
    torch.testing.assert_close(
        drawn.double(), COUNTS.clamp(min=1).double() / 101, atol=0.01, rtol=0.0
    )


def test_only_the_rows_that_are_needed_have_gradients() -> None:
    output = _output(1)
    rows = torch.randn(2, 3)
    output(rows, torch.tensor([3, 3])).sum().backward()
    (use,) = output.table.in_use
    assert set(use.ids.tolist()) >= {3}
    assert len(use.ids) <= 2
    assert output.table.weight.grad is None


def test_a_target_does_not_compete_with_itself() -> None:
    output = SampledSoftmax(3, torch.tensor([1e9, 1.0]), samples=50)
    nats = output(torch.randn(4, 3), torch.zeros(4, dtype=torch.int64))
    # Every token drawn is the target, so nothing competes.
    torch.testing.assert_close(nats, torch.zeros(4))


def test_it_begins_with_how_often_each_token_is_seen() -> None:
    output = SampledSoftmax(3, COUNTS, samples=5)
    nats = output.exact(torch.zeros(6, 3), torch.arange(6))
    torch.testing.assert_close(nats.detach().neg().exp(), COUNTS.clamp(min=1) / 101)
