from __future__ import annotations

import torch

from vartai.models.story_reader import Hop
from vartai.sequences import SequenceBatch


def test_a_hop_is_its_equations_one_fact_after_another() -> None:
    torch.manual_seed(0)
    hop = Hop(features=5, memory_size=3)
    facts = SequenceBatch(torch.randn(6, 5), torch.tensor([4, 0, 2]))
    memory = torch.randn(3, 3)
    expected = []
    for own, asked in zip(facts.split(), memory, strict=True):
        state = torch.zeros(3)
        for fact in own:
            mixed = torch.tanh(hop.fact(fact) + hop.memory(asked))
            gate = torch.sigmoid(hop.score(mixed))
            state = (1 - gate) * state + gate * torch.tanh(hop.candidate(fact))
        expected.append(state)
    torch.testing.assert_close(hop(facts, memory), torch.stack(expected))


def test_of_two_facts_with_open_gates_the_later_is_what_is_left() -> None:
    hop = Hop(features=2, memory_size=2)
    torch.nn.init.constant_(hop.score.bias, 30.0)
    torch.nn.init.zeros_(hop.score.weight)
    first, second = torch.randn(1, 2), torch.randn(1, 2)
    both = SequenceBatch(torch.cat([first, second]), torch.tensor([2]))
    episode = hop(both, torch.zeros(1, 2))
    torch.testing.assert_close(episode, torch.tanh(hop.candidate(second)))
