"""The running prediction: what a model says after each token.

classify   of the text, cut after this token. A model that reads from the start alone has said so in
           its outputs already; for one that reads from the end too, each beginning of the text is
           read anew, in batches of bounded size, and in a long text not after every token.
tag        of this word, with all that stands around it.
generate   of the next token: the likeliest ones, with the border where a text may end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vartai.inspect.cut import Cut, Token
from vartai.sequences import SequenceBatch

Floats = NDArray[np.float32]

MOST_LABELS = 200
"""With more tags than these only the likeliest are kept, row by row."""

# Rows that reading the beginnings of one text may come to, and of them at once; numbers at once.
_ROWS, _ROWS_AT_ONCE, _NUMBERS = 250_000, 32_000, 1 << 24


@dataclass(frozen=True, eq=False)
class Running:
    """What a model says after each of T tokens.

    Args:
        labels: names of the K columns; none where each row has its own.
        probabilities: ``[T, K]``, float32; NaN in rows after whose token nothing was read.
        likeliest: for each row the names of its columns, likeliest first, where only those are
            kept; None where `labels` names them.
        tokens: after which it was said.
    """

    labels: tuple[str, ...]
    probabilities: Floats
    likeliest: tuple[tuple[str, ...], ...] | None = None
    tokens: tuple[Token, ...] = ()

    def names(self, row: int) -> tuple[str, ...]:
        """Names of the columns of a row."""
        return self.labels if self.likeliest is None else self.likeliest[row]


@dataclass(frozen=True, eq=False)
class Said:
    """Running predictions of all texts of a cut.

    Args:
        texts: of each.
        notes: of each, in sentences.
    """

    texts: tuple[Running, ...]
    notes: tuple[tuple[str, ...], ...]


def run_along(cut: Cut, rows: SequenceBatch, *, keep: int) -> Said:
    """Running predictions.

    Args:
        cut: of the texts.
        rows: ``[N, F]``, outputs of its layers.
        keep: names kept of a row where there are more than `MOST_LABELS`.
    """
    if cut.per == "text" and cut.after_each is None:
        return _reread(cut)
    notes = ((),) * len(cut.tokens)
    if cut.ahead or (cut.per == "token" and len(cut.labels) > MOST_LABELS):
        several = zip(_alone(rows), cut.tokens, strict=True)
        return Said(tuple(_likeliest(cut, own, tokens, keep) for own, tokens in several), notes)
    if cut.after_each is not None:
        shares = cut.probabilities(cut.after_each(rows))
    else:
        shares = _of_tokens(cut, rows)
    parts = rows.with_data(shares).split()
    made = (
        Running(cut.labels, as_array(part), tokens=tokens)
        for part, tokens in zip(parts, cut.tokens, strict=True)
    )
    return Said(tuple(made), notes)


def _of_tokens(cut: Cut, rows: SequenceBatch) -> Tensor:
    """Probabilities ``[N, K]`` of each token's labels."""
    scores = cut.above(rows)
    return cut.probabilities(scores) if cut.jointly is None else cut.jointly(rows.with_data(scores))


def as_array(tensor: Tensor) -> Floats:
    """A tensor as float32 of its own memory."""
    array: Floats = np.array(tensor.detach().cpu().numpy(), dtype=np.float32)
    return array


def _alone(rows: SequenceBatch) -> Iterator[SequenceBatch]:
    for part in rows.split():
        yield SequenceBatch.from_sequences([part])


def likeliest(
    shares: Tensor, labels: Sequence[str], tokens: tuple[Token, ...], keep: int
) -> Running:
    """The likeliest labels of probabilities ``[T, K]``."""
    best = shares.topk(min(keep, shares.size(1)), dim=1)
    names = tuple(tuple(labels[place] for place in row) for row in best.indices.tolist())
    return Running((), as_array(best.values), names, tokens)


def _likeliest(cut: Cut, rows: SequenceBatch, tokens: tuple[Token, ...], keep: int) -> Running:
    """The likeliest labels after each token of one text."""
    parts = []
    # A token's scores are its row's own, so rows may come in any company, unless tokens are joined.
    at_once = len(rows.data) if cut.jointly is not None else max(1, _NUMBERS // len(cut.labels))
    for part in torch.split(rows.data, at_once):
        found = _of_tokens(cut, SequenceBatch.from_sequences([part]))
        parts.append(likeliest(found, cut.labels, tokens, keep))
    names = tuple(row for part in parts for row in part.likeliest or ())
    return Running((), np.concatenate([part.probabilities for part in parts]), names, tokens)


def _reread(cut: Cut) -> Said:
    """Each text's beginnings, read anew."""
    texts, notes = [], []
    for vectors, tokens in zip(cut.vectors.split(), cut.tokens, strict=True):
        count = len(vectors)
        step = -(-count * count // (2 * _ROWS))
        ends = np.arange(count - 1, -1, -max(1, step))[::-1] + 1
        shares = np.full((count, len(cut.labels)), np.nan, dtype=np.float32)
        for some in _groups(ends):
            found = cut.probabilities(cut.read(_beginnings(vectors, some)))
            shares[some - 1] = as_array(found)
        texts.append(Running(cut.labels, shares, tokens=tokens))
        said = "the model also reads from the end, so each beginning of the text was read anew"
        often = f", after every {step}th token only" if step > 1 else ""
        notes.append((f"{said}{often}",) if count > 1 else ())
    return Said(tuple(texts), tuple(notes))


def _groups(ends: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The ends in order, in groups whose beginnings have so many rows together."""
    group = np.cumsum(ends) // _ROWS_AT_ONCE
    for number in np.unique(group):
        yield ends[group == number]


def _beginnings(vectors: Tensor, ends: NDArray[np.int64]) -> SequenceBatch:
    """The first rows of a text, once for each number of them."""
    lengths = torch.from_numpy(np.ascontiguousarray(ends))
    rows = torch.cat([torch.arange(end) for end in ends.tolist()])
    return SequenceBatch(vectors.index_select(0, rows.to(vectors.device)), lengths)
