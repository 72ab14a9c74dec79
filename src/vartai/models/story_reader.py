"""Stories and questions to one-word answers: a recurrent network that reads a story several times.

Three recurrent layers stand above one another:

1. over the words of each line, and of the question (`words`): a line becomes one vector;
2. over the lines of the story (`lines`), each l beside the question u, as
   ``[l; u; l ∘ u; |l - u|]``: a line becomes a fact that knows what came before and after it, and
   what is asked for;
3. over the facts, once for every hop (`hops`): a state whose update gate is the attention,

       gate_i   = σ(v · tanh(F f_i + M m + b))
       state_i  = (1 - gate_i) state_(i-1) + gate_i tanh(C f_i + c)

   so that of several facts that matter the latest counts most. What is left after the last fact is
   the episode; a GRU cell takes it into the memory m, with which the next hop looks for more.

Sources: the hops over a story are those of Sukhbaatar et al. 2015, "End-to-end memory networks"; a
gate in place of the softmax, and the memory that a GRU updates, those of Kumar et al. 2016, "Ask me
anything: dynamic memory networks", and the layer over lines that of Xiong et al. 2016, "Dynamic
memory networks for visual and textual question answering". The candidate reads the fact alone, as
in Feng et al. 2024, "Were RNNs all we needed?", so that a hop is one scan.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vartai.kernels.scan import run_scan
from vartai.models.token_vectors import TokenVectors
from vartai.nn.cells import GRUCell
from vartai.nn.layers import RecurrentLayers
from vartai.nn.pooling import LastPool
from vartai.sequences import SequenceBatch


@dataclass(frozen=True, eq=False)
class StoryBatch:
    """B questions, each about a story.

    A line that several stories of the batch hold stands here once, and is read once.

    Args:
        lines: token ids of the distinct lines, int64 rows.
        stories: places in `lines`, int64 rows: the lines of each question's story, in order.
        questions: token ids of each question, int64 rows.
    """

    lines: SequenceBatch
    stories: SequenceBatch
    questions: SequenceBatch

    def to(self, device: torch.device | str) -> StoryBatch:
        """The same batch on another device."""
        return StoryBatch(self.lines.to(device), self.stories.to(device), self.questions.to(device))


class Hop(nn.Module):
    """One reading of the facts with a memory in mind.

    Args:
        features: numbers in a fact.
        memory_size: M.
    """

    def __init__(self, features: int, memory_size: int) -> None:
        super().__init__()
        self.fact = nn.Linear(features, memory_size)
        self.memory = nn.Linear(memory_size, memory_size, bias=False)
        self.score = nn.Linear(memory_size, 1)
        self.candidate = nn.Linear(features, memory_size)

    def scores(self, facts: SequenceBatch, memory: Tensor) -> Tensor:
        """``[N]``: the gate of each fact, before its sigmoid, for memories ``[B, M]``."""
        asked = self.memory(memory).index_select(0, facts.sequence_of_row())
        scores: Tensor = self.score(torch.tanh(self.fact(facts.data) + asked)).squeeze(1)
        return scores

    def forward(self, facts: SequenceBatch, memory: Tensor) -> Tensor:
        """The episode ``[B, M]``: what is left of the facts after the last one."""
        candidates = self.candidate(facts.data)
        gates = self.scores(facts, memory).unsqueeze(1).expand_as(candidates)
        start = torch.zeros_like(memory)
        _, episode = run_scan("min_gru_tanh", (gates, candidates), facts.lengths, start)
        return episode


class StoryReader(nn.Module):
    """Scores of the known answers for questions about stories.

    Args:
        vectors: of the tokens.
        words: recurrent layers over the words of a line or question.
        lines: recurrent layers over the lines of a story; their inputs are four times as wide as
            the outputs of `words`.
        hops: readings of the facts; each has weights of its own.
        memory_size: M.
        answers: number of known answers.
        fact_dropout: share of numbers dropped from lines, facts and memory in training.
    """

    def __init__(
        self,
        *,
        vectors: TokenVectors,
        words: RecurrentLayers,
        lines: RecurrentLayers,
        hops: int,
        memory_size: int,
        answers: int,
        fact_dropout: float,
    ) -> None:
        super().__init__()
        self.vectors = vectors
        self.words = words
        self.line = LastPool(bidirectional=words.bidirectional)
        self.lines = lines
        self.ask = nn.Linear(words.output_size, memory_size)
        self.hops = nn.ModuleList(Hop(lines.output_size, memory_size) for _ in range(hops))
        self.remember = GRUCell(memory_size, memory_size)
        self.dropout = nn.Dropout(fact_dropout)
        self.output = nn.Linear(2 * memory_size, answers)

    def facts(self, batch: StoryBatch) -> tuple[SequenceBatch, Tensor]:
        """The facts of each story, ``[N, F]``, and the questions ``[B, Q]``."""
        lines = self.dropout(self._read(batch.lines))
        questions = self.dropout(self._read(batch.questions))
        stories = batch.stories
        told = lines.index_select(0, stories.data)
        asked = questions.index_select(0, stories.sequence_of_row())
        near = (told - asked).abs()
        beside = stories.with_data(torch.cat([told, asked, told * asked, near], dim=1))
        facts, _ = self.lines(beside)
        return facts.with_data(self.dropout(facts.data)), questions

    def _read(self, ids: SequenceBatch) -> Tensor:
        outputs, _ = self.words(self.vectors(ids))
        pooled: Tensor = self.line(outputs)
        return pooled

    def forward(self, batch: StoryBatch) -> Tensor:
        """Scores (logits) ``[B, answers]``."""
        facts, questions = self.facts(batch)
        question = torch.tanh(self.ask(questions))
        memory = question
        for hop in self.hops:
            memory = self.remember(hop(facts, memory), memory)
        scores: Tensor = self.output(self.dropout(torch.cat([memory, question], dim=1)))
        return scores
