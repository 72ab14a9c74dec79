"""The ends of words as ids: what a word never seen still has in common with known ones.

A prefix and a suffix of every length up to the longest chosen are hashed into a fixed number of
buckets, so no vocabulary of them is kept. Bucket 0 is none: the word is shorter than that.

Source: Bojanowski et al. 2017, "Enriching word vectors with subword information", who take every
run of characters; the ends alone carry most of it, in a number that is the same for all words.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from vartai.text.tokens import Ids

BUCKETS = 1 << 14


def columns(longest: int) -> int:
    """How many ids a word has for its affixes of 1 to `longest` characters."""
    return 2 * longest


def affix_ids(words: Sequence[str], longest: int) -> Ids:
    """Ids of prefixes, shortest first, then of suffixes, ``[words, 2 · longest]``.

    Ids are from 1 to `BUCKETS`; 0 stands where the word has not so many characters.

    Example:
        >>> one, other = affix_ids(["rating", "mating"], 3)
        >>> (one == other).tolist()
        [False, False, False, True, True, True]
        >>> affix_ids(["a"], 2)[0, [1, 3]].tolist()
        [0, 0]
    """
    found = np.zeros((len(words), columns(longest)), dtype=np.int64)
    for row, word in enumerate(words):
        found[row] = _affixes(word, longest)
    return found


# Half the words of a text are among the commonest few hundred.
@lru_cache(maxsize=1 << 17)
def _affixes(word: str, longest: int) -> tuple[int, ...]:
    prefixes = [_bucket("<" + word[:size]) if size <= len(word) else 0 for size in _sizes(longest)]
    suffixes = [_bucket(word[-size:] + ">") if size <= len(word) else 0 for size in _sizes(longest)]
    return (*prefixes, *suffixes)


def _sizes(longest: int) -> range:
    return range(1, longest + 1)


def _bucket(affix: str) -> int:
    return 1 + zlib.crc32(affix.encode("utf-8")) % BUCKETS
