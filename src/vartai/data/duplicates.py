"""Texts that occur more than once, and those that then carry different labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def fold_text(text: str) -> str:
    """What makes two texts the same: all but case and the amount of white space.

    >>> fold_text("  Labas,   RYTE ")
    'labas, ryte'
    """
    return " ".join(text.split()).casefold()


@dataclass(frozen=True)
class Duplicates:
    """How often texts of a table are the same.

    Attributes:
        rows: rows whose text an earlier row has.
        conflicting: distinct texts that occur with different labels.
    """

    rows: int
    conflicting: int

    def notes(self) -> list[str]:
        """What was counted, as readable sentences; nothing where no text occurs twice."""
        notes = []
        if self.rows:
            what = "1 row repeats" if self.rows == 1 else f"{self.rows:,} rows repeat"
            notes.append(f"{what} the text of an earlier row.")
        if self.conflicting:
            what = "1 text occurs" if self.conflicting == 1 else f"{self.conflicting:,} texts occur"
            notes.append(f"{what} with different labels.")
        return notes


def count_duplicates(texts: Sequence[str], labels: Sequence[tuple[str, ...]]) -> Duplicates:
    """Count repeated texts.

    Args:
        texts: one text a row.
        labels: the labels of each row, in any order; empty if there are none.

    >>> count_duplicates(["Good.", "good. ", "bad"], [("1",), ("0",), ("0",)])
    Duplicates(rows=1, conflicting=1)
    """
    found: dict[str, set[frozenset[str]]] = {}
    for place, text in enumerate(texts):
        kinds = found.setdefault(fold_text(text), set())
        kinds.add(frozenset(labels[place]) if labels else frozenset())
    return Duplicates(
        rows=len(texts) - len(found),
        conflicting=sum(len(kinds) > 1 for kinds in found.values()),
    )
