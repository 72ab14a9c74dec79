"""One question about a context, and its answers; many of them, as a file holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

SPAN, WORD = "span", "word"
KINDS = (SPAN, WORD)
"""What an answer is: a part of its context, or one of the answers known from training."""


class Answer(NamedTuple):
    """An answer.

    Attributes:
        text: as it stands.
        starts: code points of the context at which it begins: one where the file says which, every
            one where it does not; none for an answer that is no part of its context.
    """

    text: str
    starts: tuple[int, ...]


class Question(NamedTuple):
    """One question.

    Attributes:
        line: line of the file on which it stands, from 1; in SQuAD's JSON its number, from 1.
        id: the file's own name for it; empty if it has none.
        group: what may not be torn apart when questions are held out: an article, a story.
        context: the text it is about; of a story, one line each.
        text: the question.
        answers: those that count as right; none where the context has no answer.
    """

    line: int
    id: str
    group: str
    context: str
    text: str
    answers: tuple[Answer, ...]


@dataclass
class Questions:
    """The usable questions of one file, in its order.

    Attributes:
        file: name of the file.
        kind: one of `KINDS`.
        items: the questions.
    """

    file: str
    kind: str
    items: list[Question] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.items)

    def take(self, places: Sequence[int]) -> Questions:
        """The questions at some places, counted from 0, in the order given."""
        return Questions(self.file, self.kind, [self.items[place] for place in places])
