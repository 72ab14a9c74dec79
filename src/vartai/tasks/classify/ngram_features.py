"""Text to weighted n-grams by hashing: no vocabulary is kept, and any text has features.

Three blocks: single words and pairs of neighbours, the ends of the text counted as words; runs of
two to five characters of the words joined by single blanks; and triples of words. Short texts have
the first two, long ones the first and the last. Each n-gram falls into one of `BLOCK_BUCKETS`
buckets of its block (MurmurHash3, 32 bits). A bucket weighs (1 + ln count) x inverse document
frequency, and each block of a text has length 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

BLOCK_BUCKETS = 2**22
CHARACTER_RUNS = (2, 3, 4, 5)

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|['’][^\W_]+|[^\w\s]|_")

Ids = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]


class Block(IntEnum):
    """Kinds of n-grams, in the order of their buckets."""

    WORDS = 0
    CHARACTERS = 1
    TRIPLES = 2


SHORT_TEXTS = (Block.WORDS, Block.CHARACTERS)
LONG_TEXTS = (Block.WORDS, Block.TRIPLES)


def split_words(text: str) -> list[str]:
    """Words in lower case; a punctuation mark is one."""
    found: list[str] = _WORD.findall(text.lower())
    return found


def word_ngrams(text: str) -> list[str]:
    """Words, then pairs of neighbours, in lower case; punctuation marks are words.

    Example:
        >>> word_ngrams("Isn't bad")
        ["isn't", 'bad', "<s> isn't", "isn't bad", 'bad </s>']
    """
    words = split_words(text)
    fenced = ["<s>", *words, "</s>"]
    return words + [f"{left} {right}" for left, right in pairwise(fenced)]


def word_triples(text: str) -> list[str]:
    """Runs of three words, in lower case; the ends of the text are words.

    Example:
        >>> word_triples("Isn't bad")
        ["<s> isn't bad", "isn't bad </s>"]
    """
    fenced = ["<s>", *split_words(text), "</s>"]
    return [" ".join(fenced[place : place + 3]) for place in range(len(fenced) - 2)]


def character_ngrams(text: str) -> list[str]:
    """Runs of characters, blanks between the words included.

    Example:
        >>> character_ngrams("no")
        [' n', 'no', 'o ', ' no', 'no ', ' no ']
    """
    line = f" {' '.join(split_words(text))} "
    return [line[i : i + n] for n in CHARACTER_RUNS for i in range(len(line) - n + 1)]


_NGRAMS: dict[Block, Callable[[str], list[str]]] = {
    Block.WORDS: word_ngrams,
    Block.CHARACTERS: character_ngrams,
    Block.TRIPLES: word_triples,
}


def count_ngrams(texts: Sequence[str], blocks: Iterable[Block]) -> csr_array:
    """How often each bucket occurs.

    Args:
        texts: any text; an empty one has no word.
        blocks: the kinds of n-grams to count.

    Returns:
        ``[texts, 3 * BLOCK_BUCKETS]``, float32; blocks that are not counted are empty.
    """
    counts = {block: hash_ngrams(_NGRAMS[block](text) for text in texts) for block in blocks}
    nothing = csr_array((len(texts), BLOCK_BUCKETS), dtype=np.float32)
    return csr_array(hstack([counts.get(block, nothing) for block in Block], format="csr"))


def hash_ngrams(texts: Iterable[Sequence[str]]) -> csr_array:
    """Counts ``[texts, BLOCK_BUCKETS]``, float32, of the n-grams of each text."""
    vectorizer = HashingVectorizer(
        analyzer=list,  # they are n-grams already
        n_features=BLOCK_BUCKETS,
        norm=None,
        alternate_sign=False,
        dtype=np.float32,
    )
    return csr_array(vectorizer.transform(texts))


@dataclass(frozen=True, eq=False)
class NgramWeights:
    """Which buckets count, and how much.

    Attributes:
        buckets: ``[n]``, ascending, below ``3 * BLOCK_BUCKETS``.
        scale: ``[n]``, inverse document frequencies.
    """

    buckets: Ids
    scale: Floats

    @classmethod
    def of(cls, counts: csr_array, *, min_texts: int) -> NgramWeights:
        """The buckets that at least `min_texts` of the counted texts have."""
        texts = np.bincount(counts.indices, minlength=counts.shape[1])
        buckets = np.flatnonzero(texts >= min_texts).astype(np.int64)
        scale = np.log((1 + counts.shape[0]) / (1 + texts[buckets])) + 1
        return cls(buckets, scale.astype(np.float32))

    def parts(self) -> dict[Block, slice]:
        """The blocks that have buckets, and which of them are each one's."""
        edges = np.searchsorted(self.buckets, BLOCK_BUCKETS * np.arange(len(Block) + 1))
        return {
            block: slice(edges[block], edges[block + 1])
            for block in Block
            if edges[block] < edges[block + 1]
        }

    def find(self, numbers: NDArray[np.integer[Any]]) -> tuple[Bools, Ids]:
        """Which of these buckets count, and the places of those that do."""
        places = np.searchsorted(self.buckets, numbers)
        there = self.buckets[np.minimum(places, len(self.buckets) - 1)] == numbers
        return there, places[there]

    def apply(self, counts: csr_array) -> csr_array:
        """Features ``[texts, n]``, float32."""
        there, places = self.find(counts.indices)
        weights = (1 + np.log(counts.data[there])) * self.scale[places]
        ends = np.concatenate([[0], np.cumsum(there)])[counts.indptr]
        small = counts.indices.dtype  # scikit-learn takes indices of 32 bits only
        own = weights, places.astype(small), ends.astype(small)
        kept = csr_array(own, shape=(counts.shape[0], len(self.buckets)))
        blocks = [normalize(kept[:, part]) for part in self.parts().values()]
        return csr_array(hstack(blocks, format="csr"))
