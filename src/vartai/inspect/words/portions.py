"""How much is read at once: bounds memory, whatever the length of the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

ROWS_AT_ONCE = 16_000


def portions(lengths: Sequence[int]) -> Iterator[slice]:
    """Slices of sequences that together have about as many rows as may be read at once.

    >>> list(portions([9_000, 9_000, 1]))
    [slice(0, 2, None), slice(2, 3, None)]
    """
    start, rows = 0, 0
    for place, length in enumerate(lengths):
        rows += length
        if rows >= ROWS_AT_ONCE:
            yield slice(start, place + 1)
            start, rows = place + 1, 0
    if start < len(lengths):
        yield slice(start, len(lengths))
