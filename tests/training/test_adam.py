from __future__ import annotations

import torch
from torch import nn

from vartai.nn.embedding import Embedding
from vartai.training.adam import Adam
from vartai.training.average import WeightAverage


class Scorer(nn.Module):
    """A table and a linear layer: the smallest model with both kinds of parameter."""

    def __init__(self, words: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.table = Embedding(words, 4)
        self.output = nn.Linear(4, 3)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.output(self.table(ids).mean(1))
        return scores


def train(model: Scorer, batches: list[torch.Tensor], *, clip: float | None = None) -> Adam:
    optimiser = Adam(model, weight_decay=0.0)
    for ids in batches:
        model(ids).logsumexp(1).sum().backward()
        if clip is not None:
            optimiser.clip(clip)
        optimiser.step(0.01)
        optimiser.clear()
    return optimiser


def test_rows_in_use_at_every_step_follow_torchs_adam() -> None:
    everything = [torch.arange(6).view(2, 3)[:, torch.randperm(3)] for _ in range(5)]
    ours = Scorer(6)
    train(ours, everything)
    theirs = Scorer(6)
    plain = nn.Embedding.from_pretrained(theirs.table.weight.detach().clone(), freeze=False)
    optimiser = torch.optim.Adam([plain.weight, *theirs.output.parameters()], lr=0.01)
    for ids in everything:
        theirs.output(plain(ids).mean(1)).logsumexp(1).sum().backward()
        optimiser.step()
        optimiser.zero_grad()
    torch.testing.assert_close(ours.table.weight, plain.weight)
    torch.testing.assert_close(ours.output.weight, theirs.output.weight)


def test_rows_not_in_use_never_change() -> None:
    model = Scorer(10)
    before = model.table.weight.detach().clone()
    train(model, [torch.tensor([[1, 1, 4]]), torch.tensor([[4, 7, 7]])])
    changed = (model.table.weight != before).any(1).nonzero().squeeze(1)
    assert changed.tolist() == [1, 4, 7]


def test_clipping_bounds_the_joint_norm_rows_included() -> None:
    model = Scorer(5)
    optimiser = Adam(model, weight_decay=0.0)
    (1e3 * model(torch.tensor([[0, 2]])).sum()).backward()
    gradients = optimiser.gradients()
    assert len(gradients) == 3
    before = torch.cat([g.flatten() for g in gradients]).norm()
    assert optimiser.clip(0.5) == float(before)
    after = torch.cat([g.flatten() for g in optimiser.gradients()]).norm()
    torch.testing.assert_close(after, torch.tensor(0.5))


def test_the_average_by_rows_is_the_average_of_the_whole_table() -> None:
    """Exact, though rows come and go; the oracle averages the dense table after every step."""
    model = Scorer(8)
    optimiser = Adam(model, weight_decay=0.0)
    average = WeightAverage(model, decay=0.9)
    oracle = {name: value.detach().clone() for name, value in model.state_dict().items()}
    random = torch.Generator().manual_seed(3)
    for step in range(40):
        ids = torch.randint(0, 8 if step % 10 == 0 else 2, (1, 3), generator=random)
        model(ids).logsumexp(1).sum().backward()
        optimiser.step(0.05)
        average.update()
        optimiser.clear()
        decay = min(0.9, (1 + step) / (10 + step))
        for name, value in model.state_dict().items():
            oracle[name].lerp_(value, 1 - decay)
    for name, value in average.weights().items():
        torch.testing.assert_close(value, oracle[name], rtol=1e-5, atol=1e-6)


def test_optimiser_and_average_go_on_from_their_states() -> None:
    batches = [torch.tensor([[k % 5, (k * 3) % 5]]) for k in range(8)]
    whole, parted = Scorer(5), Scorer(5)
    train(whole, batches)
    first = train(parted, batches[:4])
    second = Adam(parted, weight_decay=0.0)
    second.load_state({name: value.clone() for name, value in first.state().items()})
    for ids in batches[4:]:
        parted(ids).logsumexp(1).sum().backward()
        second.step(0.01)
        second.clear()
    assert torch.equal(whole.table.weight, parted.table.weight)
    assert torch.equal(whole.output.weight, parted.output.weight)
