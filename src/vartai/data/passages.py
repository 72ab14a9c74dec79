"""Documents to learn from, to choose by and to be judged by.

Of a few documents (one book, say) the last share of each is held out: what comes next in it is what
a model of it will be asked. Of many, whole documents are, drawn by the seed; only then does a model
see how documents end.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vartai.data.documents import Document
from vartai.data.text_options import HeldOutOptions
from vartai.errors import InputError

MANY = 20
"""From so many documents on, whole ones are held out."""

_CONTEXT = 200


@dataclass(frozen=True)
class Passage:
    """A document, or the part of one that belongs to a split.

    Args:
        text: of it.
        before: the end of what stands before it in its document; empty for a beginning.
        whole: whether the document ends with it and began with it.
    """

    text: str
    before: str = ""
    whole: bool = True


@dataclass(frozen=True)
class TextSplits:
    """Text by purpose. `test` is empty if `valid` judges as well."""

    train: tuple[Passage, ...]
    valid: tuple[Passage, ...]
    test: tuple[Passage, ...]

    @property
    def ends(self) -> bool:
        """Whether training shows where documents end: several of them, none cut."""
        return len(self.train) > 1 and all(passage.whole for passage in self.train)

    @property
    def judged(self) -> tuple[Passage, ...]:
        """What the model is judged by."""
        return self.test or self.valid


def split_documents(
    documents: Sequence[Document],
    *,
    valid: Sequence[Document] | None,
    test: Sequence[Document] | None,
    options: HeldOutOptions,
    seed: int,
) -> TextSplits:
    """Hold text out.

    Args:
        documents: to train on, and to hold out of what has no documents of its own.
        valid: to choose the epoch by, if given.
        test: to judge by, if given.
        options: shares of what is not given.
        seed: draws whole documents.

    Raises:
        InputError: a part would be left without text.
    """
    shares = [
        options.valid_share if valid is None else 0.0,
        options.test_share if test is None else 0.0,
    ]
    many = len(documents) >= MANY
    parts = _whole(documents, shares, seed) if many else _tails(documents, shares)
    own = [None if part is None else tuple(Passage(d.text) for d in part) for part in (valid, test)]
    splits = TextSplits(
        train=parts[0],
        valid=parts[1] if own[0] is None else own[0],
        test=parts[2] if own[1] is None else own[1],
    )
    for name, part in (("train on", splits.train), ("choose the epoch by", splits.valid)):
        if not part:
            raise InputError(
                f"expected enough text to {name}, found too little to hold any out",
                file=documents[0].file,
            )
    return splits


def _whole(
    documents: Sequence[Document], shares: Sequence[float], seed: int
) -> list[tuple[Passage, ...]]:
    order = np.random.default_rng(seed).permutation(len(documents))
    counts = [max(1, round(share * len(documents))) if share else 0 for share in shares]
    edges = np.cumsum([0, len(documents) - sum(counts), *counts])
    chosen = [sorted(order[a:b].tolist()) for a, b in itertools.pairwise(edges)]
    return [tuple(Passage(documents[i].text) for i in part) for part in chosen]


def _tails(documents: Sequence[Document], shares: Sequence[float]) -> list[tuple[Passage, ...]]:
    parts: list[list[Passage]] = [[], [], []]
    for document in documents:
        cuts = _cuts(document.text, shares)
        for part, (start, end) in zip(parts, itertools.pairwise(cuts), strict=True):
            text = document.text[start:end]
            if text:
                before = document.text[max(0, start - _CONTEXT) : start]
                part.append(Passage(text, before, whole=end - start == len(document.text)))
    return [tuple(part) for part in parts]


def _cuts(text: str, shares: Sequence[float]) -> list[int]:
    """Where the parts begin and end, in characters."""
    count = len(text)
    first = int(count * (1 - sum(shares)))
    # The last part takes what rounding leaves, unless it is none.
    second = int(count * (1 - shares[1])) if shares[1] else count
    return [0, first, max(first, second), count]
