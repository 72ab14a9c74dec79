"""What of a text n-grams that end in more text may begin in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tail:
    """What n-grams may yet begin in.

    Args:
        words: the last two; the beginning of the text is one.
        line: the last characters of the words joined by blanks, a blank before the first.
    """

    words: tuple[str, ...] = ("<s>",)
    line: str = " "
