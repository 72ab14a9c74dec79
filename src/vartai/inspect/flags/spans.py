"""Texts with values on stretches of them: what every source of labels gives."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

_EXAMPLES = 5


class Span(NamedTuple):
    """A value that holds for ``text[start:end]``, counted in characters."""

    start: int
    end: int
    value: str


@dataclass(frozen=True)
class LabelledText:
    """A text and what is known of it.

    Args:
        text: as a model reads it.
        spans: values of stretches, in any order.
        line: of the file that the text begins on, from 1.
    """

    text: str
    spans: tuple[Span, ...]
    line: int


@dataclass
class Trouble:
    """What could not be used, counted by reason, with the first few of it in words.

    Attributes:
        counts: reason → how often.
        first: examples, each a readable sentence.
    """

    counts: Counter[str] = field(default_factory=Counter)
    first: list[str] = field(default_factory=list)

    def add(self, reason: str, *, line: int, text: str) -> None:
        """Count one.

        Args:
            reason: a few words, the same for all of a kind.
            line: where it is.
            text: what it is about; long ones are clipped.
        """
        self.counts[reason] += 1
        if len(self.first) < _EXAMPLES:
            self.first.append(f"line {line}: {reason}: {text[:60]!r}")

    def update(self, other: Trouble) -> None:
        """Add another's."""
        self.counts.update(other.counts)
        self.first.extend(other.first[: _EXAMPLES - len(self.first)])

    def sentences(self) -> list[str]:
        """For a person: the counts on one line, then the examples."""
        if not self.counts:
            return []
        said = ", ".join(f"{times:,} × {reason}" for reason, times in self.counts.most_common())
        return [f"not used: {said}; the first:", *(f"  {example}" for example in self.first)]
