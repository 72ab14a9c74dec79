"""Beam search: the best few beginnings of every sequence, extended together.

Of B sequences each has K places. A beginning that ends keeps its place for good, and the others
compete for the places left (as in the decoder of Bahdanau, Cho & Bengio 2015): so the search ends
by itself, and gets cheaper while it does. A beginning that cannot overtake any more is dropped,
which changes nothing: its log-probability can only fall, and no length divides it by more than the
longest one.

With as many places as there are sequences at all, the result is the exact best; a test holds it
equal to trying them all. With one place, it is greedy choice.

Sequences are compared by log-probability divided by ((5 + n) / 6)^α for n tokens, the end included
(Wu et al. 2016, equation 14).

Letters: B sequences, K places of each, R rows in use, V tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple

import torch
from torch import Tensor

from vartai.decoding.step import S, Step
from vartai.decoding.top import top_scores
from vartai.errors import require_range


@dataclass(frozen=True)
class BeamOptions:
    """How far the search looks.

    Args:
        beam: K.
        length_penalty: α; 0 compares bare log-probabilities, which favours short sequences.
        end: the token that ends a sequence.
        best: how many sequences are wanted of each, at most K.

    Raises:
        OptionError: a number is out of bounds.
    """

    beam: int
    length_penalty: float
    end: int
    best: int = 1

    def __post_init__(self) -> None:
        require_range("beam", self.beam, at_least=1)
        require_range("length_penalty", self.length_penalty, at_least=0)
        require_range("best", self.best, at_least=1, below=self.beam + 1)


class Written(NamedTuple):
    """One sequence that was found.

    Args:
        ids: its tokens, without the end.
        log_probability: in nats, of the tokens and the end.
        score: what it was compared by.
        cut: it had not ended when its limit was reached; it stands behind all that had.
    """

    ids: tuple[int, ...]
    log_probability: float
    score: float
    cut: bool


def beam_search(
    step: Step[S], state: S, begin: Tensor, limits: Sequence[int], options: BeamOptions
) -> list[list[Written]]:
    """Write B sequences.

    Args:
        step: of the model.
        state: before anything was written, of B rows.
        begin: ``[B]``, int64. The token that each row reads first; it is not part of the result.
        limits: of each sequence, most tokens, the end included; at least 1.
        options: of the search.

    Returns:
        For each sequence the best `options.best`, or as many as there are, best first.
    """
    search = _Search(step, state, begin, limits, options)
    while search.rows:
        search.advance()
    return [
        sorted(found, key=lambda one: (not one.cut, one.score), reverse=True)[: options.best]
        for found in search.found
    ]


class _Search(Generic[S]):
    """Rows in use, in the order of their sequences, and what has ended."""

    def __init__(
        self, step: Step[S], state: S, begin: Tensor, limits: Sequence[int], options: BeamOptions
    ) -> None:
        count = len(begin)
        self.step = step
        self.state = state
        self.options = options
        self.found: list[list[Written]] = [[] for _ in range(count)]
        self.limits = torch.tensor(limits, dtype=torch.int64)
        self.free = torch.full((count,), options.beam)  # places that have not ended
        self.floor = torch.full((count,), -torch.inf)  # the score that is to be overtaken
        self.reading = begin
        self.sequence = torch.arange(count)  # of each row
        self.total = torch.zeros(count)  # nats of each row
        self.tokens = torch.zeros(count, 0, dtype=torch.int64)

    @property
    def rows(self) -> int:
        """R: beginnings that are still extended."""
        return len(self.sequence)

    def divisor(self, length: Tensor | int) -> Tensor:
        """What a log-probability is divided by at this length."""
        n = torch.as_tensor(length, dtype=torch.float32)
        return ((5 + n) / 6) ** self.options.length_penalty

    def advance(self) -> None:
        """Read a token of every row, and choose what goes on."""
        scores, after = self.step(self.reading, self.state)
        width = min(self.options.beam, scores.size(1))
        values, tokens = (part.cpu() for part in top_scores(scores, width))
        parents, tokens, total = self._choose(values + self.total[:, None], tokens)
        sequence = self.sequence[parents]
        history = torch.cat([self.tokens[parents], tokens[:, None]], 1)
        ended = tokens == self.options.end
        over = ~ended & (history.size(1) >= self.limits[sequence])
        self._keep(history, sequence, total, ended=ended, over=over)
        longest = self.divisor(self.limits)[sequence]
        going = ~ended & ~over & (total / longest > self.floor[sequence])
        rows = parents[going]
        self.state = after.select(rows)
        self.sequence, self.total = sequence[going], total[going]
        self.tokens = history[going]
        self.reading = tokens[going].to(self.reading.device)

    def _choose(self, values: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The best extensions of each sequence, as many as it has free places.

        Args:
            values: ``[R, k]``, nats of each row extended by its own best tokens.
            tokens: ``[R, k]``, those tokens.

        Returns:
            ``[R']``, in the order of the sequences: the row extended, the token, the nats.
        """
        present, of_row, sizes = torch.unique_consecutive(
            self.sequence, return_inverse=True, return_counts=True
        )
        slot = torch.arange(self.rows) - (sizes.cumsum(0) - sizes)[of_row]
        width, widest = values.size(1), int(sizes.max())
        grid = values.new_full((len(present), widest, width), -torch.inf)
        grid[of_row, slot] = values
        best, place = torch.topk(grid.flatten(1), min(self.options.beam, widest * width))
        free = self.free[present]
        taken = (torch.arange(best.size(1)) < free[:, None]) & (best > -torch.inf)
        first = (sizes.cumsum(0) - sizes)[:, None]
        parents = (first + place // width)[taken]
        return parents, tokens[parents, (place % width)[taken]], best[taken]

    def _keep(
        self, history: Tensor, sequence: Tensor, total: Tensor, *, ended: Tensor, over: Tensor
    ) -> None:
        """File what has ended, and what had no room to; their places are not free any more."""
        scores = total / self.divisor(history.size(1))
        for row in (ended | over).nonzero().flatten().tolist():
            cut = bool(over[row])
            ids = history[row] if cut else history[row, :-1]
            own = int(sequence[row])
            nats, score = float(total[row]), float(scores[row])
            self.found[own].append(Written(tuple(ids.tolist()), nats, score, cut))
            self.free[own] -= 1
            whole = sorted((one.score for one in self.found[own] if not one.cut), reverse=True)
            if len(whole) >= self.options.best:
                self.floor[own] = whole[self.options.best - 1]
