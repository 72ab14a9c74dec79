"""From a file to sentences to learn from or be judged by, and those that were refused."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from vartai.data.rejects import Rejects
from vartai.data.tagged.blocks import Sentence
from vartai.data.tagged.files import TaggedFile, open_tagged
from vartai.data.tagged.options import TaggedOptions
from vartai.errors import InputError

MINIMUM_SHARE = 0.5
"""A file of which less than this share of sentences can be used is read in the wrong way."""


@dataclass
class Sentences:
    """The usable sentences of one file, in its order.

    Attributes:
        file: name of the file.
        rows: the sentences.
    """

    file: str
    rows: list[Sentence] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def words(self) -> int:
        """Words of all sentences together."""
        return sum(len(row.words) for row in self.rows)

    def take(self, places: Sequence[int]) -> Sentences:
        """The sentences at some places, counted from 0, in the order given."""
        return Sentences(self.file, [self.rows[place] for place in places])


def read_sentences(
    path: str, options: TaggedOptions, *, need_tags: bool, like: TaggedOptions | None = None
) -> tuple[Sentences, Rejects, TaggedFile]:
    """Read a whole file. The arguments are those of `open_tagged`.

    Returns:
        The usable sentences, the rejected ones, and the file, now closed, with its notes. There may
        be no usable sentence: write the rejects out, then call `require_enough`.

    Raises:
        InputError: the file cannot be read.
        OptionError: an unknown column or encoding.
    """
    opened = open_tagged(path, options, need_tags=need_tags, like=like)
    sentences, rejects = Sentences(path), Rejects()
    with opened:
        for block in opened.blocks():
            if block.rejection is not None:
                rejects.add(block.rejection)
            if block.sentence is not None:
                sentences.rows.append(block.sentence)
    return sentences, rejects, opened


def require_enough(sentences: Sentences, rejects: Rejects) -> None:
    """Stop where so much was rejected that the file must have been read in the wrong way.

    Raises:
        InputError: no sentence is left, or less than `MINIMUM_SHARE` of them; the message counts
            the rejections by reason and quotes the first.
    """
    found = len(sentences) + len(rejects)
    if len(sentences) > 0 and len(sentences) >= MINIMUM_SHARE * found:
        return
    counts = ", ".join(f"{times:,} × {reason}" for reason, times in rejects.counts().items())
    first = f" ({counts}); the first: {rejects.first[0]}" if rejects.first else ""
    raise InputError(
        f"expected usable sentences, found {len(sentences):,} of {found:,}{first}",
        file=sentences.file,
    )


def split_sentences(
    sentences: Sentences, *, fractions: Sequence[float], seed: int
) -> list[Sentences]:
    """Divide sentences; the same words never stand on two sides.

    Where a sentence goes depends on its words, the seed and the other sentences, not on the order
    of the file. Within each part sentences keep their order.

    Args:
        sentences: to divide.
        fractions: share of each part; positive, summing to 1.
        seed: another seed gives another split.

    Raises:
        InputError: there are too few different sentences to put one in every part.
    """
    groups: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, row in enumerate(sentences.rows):
        groups[row.words].append(place)
    ends = list(accumulate(fractions))[:-1]
    parts: list[list[int]] = [[] for _ in fractions]
    before = 0
    for _, places in sorted((_draw(words, seed), places) for words, places in groups.items()):
        middle = (before + len(places) / 2) / len(sentences)
        parts[bisect_right(ends, middle)] += places
        before += len(places)
    if not all(parts):
        sizes = ", ".join(str(len(part)) for part in parts)
        raise InputError(
            f"expected enough different sentences to split {len(sentences):,} by "
            f"{tuple(round(share, 3) for share in fractions)}, found parts of {sizes}",
            file=sentences.file,
        )
    return [sentences.take(sorted(part)) for part in parts]


def _draw(words: tuple[str, ...], seed: int) -> bytes:
    """A number that looks random: the same for words and seed on every machine."""
    text = "\0".join((str(seed), *words))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
