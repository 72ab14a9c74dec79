"""Tasks on which Grid LSTM was proposed: adding, memorising, parity; drawn afresh for every update.

    add 3 digits     reads  1 2 3 - 8 9 9 - - - -        answers  1 0 2 2
    memorise 3       reads  c a b - - -              answers  c a b

Answers begin at the step that reads the last sign of the question. Numbers have leading zeros; the
highest digit is asked first, so the sum is not reversed, and every number has all its digits from
the first update on: there is no curriculum. Parity reads a vector of bits, -1 or 1, at once.

Test questions never occur in training: a rule on the question alone decides which side it is on.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

_SIDES: Final = 17  # one question in so many is kept for tests


@dataclass(frozen=True)
class Drawn:
    """Questions and what is to be answered.

    Args:
        inputs: symbols ``[B, T]``, or bits ``[B, N]`` of -1 and 1.
        answers: ``[B, A]``, of the last A steps.
    """

    inputs: Tensor
    answers: Tensor


@dataclass(frozen=True)
class Task:
    """Questions of one size.

    Args:
        size: digits, symbols to memorise, or bits.
    """

    size: int

    inputs = 0  # kinds of symbol, or numbers in a vector
    classes = 0
    steps = 0  # T; 0 for vectors

    @abstractmethod
    def questions(self, count: int, generator: torch.Generator) -> Tensor:
        """Integers that say each question whole, ``[count, K]``."""

    @abstractmethod
    def ask(self, questions: Tensor) -> Drawn:
        """The questions as they are read, and their answers."""

    def draw(self, count: int, seed: int, *, test: bool) -> Drawn:
        """As many questions as wanted, of the side wanted; the same for the same seed."""
        generator = torch.Generator().manual_seed(seed)
        found = []
        left = count
        while left > 0:
            some = self.questions(count * (_SIDES if test else 2), generator)
            factors = torch.arange(1, some.size(1) + 1)
            held = (some * factors).sum(1) % _SIDES == 0
            chosen = some[held if test else ~held][:left]
            left -= len(chosen)
            found.append(chosen)
        return self.ask(torch.cat(found))


class Addition(Task):
    """Two numbers of `size` digits each; the sum has one more."""

    inputs, classes = 11, 10

    @property
    def steps(self) -> int:  # type: ignore[override]
        """T."""
        return 3 * self.size + 2

    def questions(self, count: int, generator: torch.Generator) -> Tensor:
        """The two numbers."""
        return torch.randint(0, 10**self.size, (count, 2), generator=generator)

    def ask(self, questions: Tensor) -> Drawn:
        """Digits, a sign after each number, and signs until the sum is out."""
        signs = torch.full((len(questions), self.size + 2), 10)
        first, second = (_digits(questions[:, place], self.size) for place in (0, 1))
        read = torch.cat([first, signs[:, :1], second, signs[:, 1:]], 1)
        return Drawn(read, _digits(questions.sum(1), self.size + 1))


class Memorization(Task):
    """`size` symbols of 64, to be said once all have been read."""

    inputs, classes = 65, 64

    @property
    def steps(self) -> int:  # type: ignore[override]
        """T."""
        return 2 * self.size

    def questions(self, count: int, generator: torch.Generator) -> Tensor:
        """The symbols."""
        return torch.randint(0, 64, (count, self.size), generator=generator)

    def ask(self, questions: Tensor) -> Drawn:
        """The symbols, then signs."""
        return Drawn(torch.cat([questions, torch.full_like(questions, 64)], 1), questions)


class Parity(Task):
    """Whether the number of ones among `size` bits is odd."""

    classes = 2

    @property
    def inputs(self) -> int:  # type: ignore[override]
        """Bits."""
        return self.size

    def questions(self, count: int, generator: torch.Generator) -> Tensor:
        """The bits."""
        return torch.randint(0, 2, (count, self.size), generator=generator)

    def ask(self, questions: Tensor) -> Drawn:
        """Bits as -1 and 1."""
        return Drawn(questions.float() * 2 - 1, questions.sum(1, keepdim=True) % 2)


TASKS: Final[dict[str, type[Task]]] = {
    "addition": Addition,
    "memorization": Memorization,
    "parity": Parity,
}


def _digits(numbers: Tensor, count: int) -> Tensor:
    """``[B, count]``, the highest first."""
    powers = 10 ** torch.arange(count - 1, -1, -1)
    return numbers[:, None] // powers % 10
