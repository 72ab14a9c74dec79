"""What of a text n-grams that end in more text may begin in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tail:
    """What n-grams may yet begin in.

    Args:
        word: the last one; empty if there was none.
        line: the last characters of the words joined by blanks, a blank before the first.
    """

    word: str = ""
    line: str = " "
