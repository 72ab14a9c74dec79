"""A text with too many tokens, cut into parts that are translated one by one; nothing is left out.

A cut is made after the last end of a sentence that fits; failing that, before the last word that
begins within the limit; failing that, within the word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vartai.data.batches import Ids

_ENDS = (".", "!", "?", "…", "。", "\n")


def cut_ids(ids: Ids, spellings: Sequence[str], limit: int) -> list[Ids]:
    """The ids in parts of at most `limit`, in order.

    Args:
        ids: of the text.
        spellings: of each id, as a person reads it.
        limit: most tokens in a part.
    """
    return list(_cut(ids, spellings, limit))


def _cut(ids: Ids, spellings: Sequence[str], limit: int) -> Iterator[Ids]:
    start = 0
    while len(ids) - start > limit:
        words = [
            place
            for place in range(start + 1, start + limit + 1)
            if spellings[place].startswith((" ", "\n"))
        ]
        sentences = [place for place in words if spellings[place - 1].endswith(_ENDS)]
        end = (sentences or words or [start + limit])[-1]
        yield ids[start:end]
        start = end
    yield ids[start:]
