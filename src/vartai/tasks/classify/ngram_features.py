"""Text to weighted n-grams by hashing: no vocabulary is kept, and any text has features.

Two blocks: single words and pairs of neighbours, the ends of the text counted as words; and runs
of two to five characters of the words joined by single blanks. Each n-gram falls into one of
`BLOCK_BUCKETS` buckets of its block (MurmurHash3, 32 bits), word blocks first. A bucket weighs
(1 + ln count) x inverse document frequency, and each block of a text has length 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, hstack
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

BLOCK_BUCKETS = 2**20
CHARACTER_RUNS = (2, 3, 4, 5)
# Character runs help short texts, where words are rare; in long ones they only take time.
MOST_CHARACTERS = 5_000_000

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|['’][^\W_]+|[^\w\s]|_")

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]


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


def character_ngrams(text: str) -> list[str]:
    """Runs of characters, blanks between the words included.

    Example:
        >>> character_ngrams("no")
        [' n', 'no', 'o ', ' no', 'no ', ' no ']
    """
    line = f" {' '.join(split_words(text))} "
    return [line[i : i + n] for n in CHARACTER_RUNS for i in range(len(line) - n + 1)]


def count_ngrams(texts: Sequence[str], *, characters: bool) -> csr_array:
    """How often each bucket occurs.

    Args:
        texts: any text; an empty one has no word.
        characters: count character runs too.

    Returns:
        ``[texts, 2 * BLOCK_BUCKETS]``, float32; without `characters` the second half is empty.
    """
    words = _hashed(texts, word_ngrams)
    runs = _hashed(texts if characters else [""] * len(texts), character_ngrams)
    if not characters:
        runs = csr_array(runs.shape, dtype=np.float32)
    return csr_array(hstack([words, runs], format="csr"))


def _hashed(texts: Sequence[str], ngrams: Callable[[str], list[str]]) -> csr_array:
    return hash_ngrams(ngrams(text) for text in texts)


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
        buckets: ``[n]``, ascending, below ``2 * BLOCK_BUCKETS``.
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

    @property
    def words(self) -> int:
        """How many of the buckets are the word block's."""
        return int(np.searchsorted(self.buckets, BLOCK_BUCKETS))

    @property
    def characters(self) -> bool:
        """Whether there is a character block."""
        return self.words < len(self.buckets)

    def apply(self, counts: csr_array) -> csr_array:
        """Features ``[texts, n]``, float32."""
        kept = csr_array(counts[:, self.buckets])
        kept.data = 1 + np.log(kept.data)
        kept = csr_array(kept @ diags_array(self.scale))
        blocks = kept[:, : self.words], kept[:, self.words :]
        return csr_array(
            hstack([normalize(block) for block in blocks if block.shape[1]], format="csr")
        )
