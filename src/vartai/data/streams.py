"""A corpus as parallel streams of tokens, for models whose state is carried from chunk to chunk.

    text     a b c d e f g h i j k l        3 streams of 4 tokens, chunks of 2

    stream 0   a b | c d                    chunk 0 of all streams is the first batch,
    stream 1   e f | g h                    chunk 1 the second, and so on; the state after
    stream 2   i j | k l                    chunk 0 is the state before chunk 1

Every token is a target once, and the input of its successor. A document begins with the border,
from a fresh state; where `ends` is asked for it is also what follows the document's last token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Never the id of a text's token (`vartai.text.tokens.PADDING_ID`).
BORDER_ID = 0

Ids = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Corpus:
    """Documents in one row: what is read, what is to be said of it, where states restart.

    Args:
        inputs: ``[N]``.
        targets: ``[N]``. What follows each input.
        fresh: ``[N]``. Whether a document begins with this input.
    """

    inputs: Ids
    targets: Ids
    fresh: Bools

    def __len__(self) -> int:
        return len(self.inputs)


def build_corpus(documents: Sequence[Ids], *, before: Sequence[int], ends: bool) -> Corpus:
    """Join documents.

    Args:
        documents: ids of each; one without tokens adds nothing, but its end if those are asked for.
        before: the token before each: the border, or what a held-out part continues.
        ends: whether the border after each document is a target, too.
    """
    inputs, targets, fresh = [], [], []
    for ids, first in zip(documents, before, strict=True):
        following = np.append(ids, BORDER_ID) if ends else ids
        starts = np.zeros(len(following), dtype=np.bool_)
        starts[:1] = True
        inputs.append(np.append(np.int64(first), following[:-1])[: len(following)])
        targets.append(following)
        fresh.append(starts)
    none = np.zeros(0, dtype=np.int64)
    return Corpus(
        np.concatenate([none, *inputs]),
        np.concatenate([none, *targets]),
        np.concatenate([none.astype(np.bool_), *fresh]),
    )


@dataclass(frozen=True, eq=False)
class Chunks:
    """Chunks of some streams: data in the order stream after stream, and the streams' lengths.

    Args:
        inputs: ``[N]``.
        targets: ``[N]``.
        fresh: ``[N]``.
        lengths: ``[streams]``. Tokens of each stream's chunk.
    """

    inputs: Ids
    targets: Ids
    fresh: Bools
    lengths: Ids


class Streams:
    """A corpus cut into streams of equal length, give or take a token.

    Args:
        corpus: at least one token.
        count: streams; fewer if the corpus has fewer tokens.
        steps: tokens of a chunk.
    """

    def __init__(self, corpus: Corpus, *, count: int, steps: int) -> None:
        self.corpus = corpus
        self.count = min(count, len(corpus))
        self.steps = steps
        self._starts = np.arange(self.count + 1) * len(corpus) // self.count
        longest = int(np.diff(self._starts).max())
        self.chunks = -(-longest // steps)

    def lengths(self, number: int, streams: Ids) -> Ids:
        """``[streams]``. Tokens of one chunk of some streams."""
        begins = self._starts[streams] + number * self.steps
        return np.asarray(np.clip(self._starts[streams + 1] - begins, 0, self.steps))

    def chunk(self, number: int, streams: Ids, *, shift: int = 0) -> Chunks:
        """One chunk of some streams.

        Args:
            number: of the chunk, from 0.
            streams: which ones.
            shift: tokens by which the places where streams begin are moved on; past the last
                document comes the first.
        """
        begins = self._starts[streams] + number * self.steps
        lengths = self.lengths(number, streams)
        step = np.arange(lengths.sum()) - np.repeat(lengths.cumsum() - lengths, lengths)
        places = (np.repeat(begins, lengths) + step + shift) % len(self.corpus)
        c = self.corpus
        return Chunks(c.inputs[places], c.targets[places], c.fresh[places], lengths)
