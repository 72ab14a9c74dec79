"""The copy task: some symbols, a wait, and then the same symbols are asked for, one by one.

    reads     c a b · · · · · ? ? ?
    answers                   c a b

Source: Hochreiter & Schmidhuber, "Long short-term memory", 1997; in this form Arjovsky, Shah &
Bengio, "Unitary evolution recurrent neural networks", 2016, section 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from vartai.errors import require_range
from vartai.inspect.memory.probes.examples import Examples
from vartai.sequences import SequenceBatch


@dataclass(frozen=True)
class CopyProbe:
    """The copy task.

    Args:
        symbols: how many are to be remembered.
        kinds: different symbols there are.
    """

    symbols: int = 2
    kinds: int = 4
    name: str = "copy"

    def __post_init__(self) -> None:
        require_range("symbols", self.symbols, at_least=1)
        require_range("kinds", self.kinds, at_least=2)

    @property
    def input_size(self) -> int:
        """A column for each kind of symbol, one for waiting and one for being asked."""
        return self.kinds + 2

    @property
    def outputs(self) -> int:
        """A score for each kind of symbol."""
        return self.kinds

    @property
    def chance(self) -> float:
        """Share of right answers of one who guesses."""
        return 1 / self.kinds

    def draw(self, delays: Tensor, generator: torch.Generator) -> Examples:
        """Sequences of 2 · symbols + delay steps, one for each delay ``[B]``."""
        shape = (len(delays), self.symbols)
        symbols = torch.randint(0, self.kinds, shape, generator=generator)
        lengths = 2 * self.symbols + delays
        ids = torch.full((int(lengths.sum()),), self.kinds)
        starts = lengths.cumsum(0) - lengths
        within = torch.arange(self.symbols)
        ids[(starts[:, None] + within).flatten()] = symbols.flatten()
        asked = ((starts + lengths - self.symbols)[:, None] + within).flatten()
        ids[asked] = self.kinds + 1
        rows = functional.one_hot(ids, self.input_size).float()
        return Examples(SequenceBatch(rows, lengths), asked, symbols.flatten())

    def loss(self, scores: Tensor, answers: Tensor) -> Tensor:
        """Cross-entropy, in nats a symbol."""
        return functional.cross_entropy(scores, answers)

    def quality(self, scores: Tensor, answers: Tensor) -> float:
        """Share of the symbols that are right."""
        return float((scores.argmax(1) == answers).double().mean())
