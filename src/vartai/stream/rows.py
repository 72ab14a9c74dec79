"""The numbers of a stream's state: arrays of which each stream has one row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeAlias

import torch
from torch import Tensor

Rows: TypeAlias = tuple[Tensor, ...]
"""One tensor ``[R, …]`` a field, of R streams."""


class Field(NamedTuple):
    """An array of the state.

    Args:
        name: such as ``l0.hidden``.
        shape: of one stream's.
        dtype: float32, float64 or int64.
    """

    name: str
    shape: tuple[int, ...]
    dtype: torch.dtype = torch.float32


class Reader(Protocol):
    """A model as a stream runs it: one token of every row at a time."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The arrays of a state, in order."""

    def fresh(self) -> Rows:
        """Before anything was read, of one stream."""

    def read(self, rows: Rows, tokens: Tensor, before: Sequence[int]) -> Rows:
        """Read one token of each row; no row depends on the others, bit for bit.

        Args:
            rows: of R streams. Not changed.
            tokens: ``[R, …]``, as the model's tokens are.
            before: how many tokens each had read.
        """


def join_rows(rows: Sequence[Rows]) -> Rows:
    """Many streams' rows, one below another."""
    if len(rows) == 1:
        return rows[0]
    return tuple([torch.cat(parts) for parts in zip(*rows, strict=True)])


def split_rows(rows: Rows) -> list[Rows]:
    """Each stream's rows, in memory of their own."""
    count = len(rows[0])
    if count == 1:
        return [rows]
    return [tuple([part[place : place + 1].clone() for part in rows]) for place in range(count)]


Notice = Callable[[Sequence[int], Rows], None]
"""Told after each step which of the streams it was of, and their rows."""


def read_tokens(
    reader: Reader,
    rows: Sequence[Rows],
    tokens: Sequence[Tensor],
    before: Sequence[int],
    *,
    notice: Notice | None = None,
) -> list[Rows]:
    """Read all tokens of each of R streams, step by step, together.

    Args:
        reader: of their model.
        rows: of each, of one row.
        tokens: of each, ``[n, …]``, any number.
        before: how many tokens each had read.
        notice: told of every step.

    Returns:
        The rows of each afterwards.
    """
    lengths = [each.shape[0] for each in tokens]  # asking a tensor costs as much as a step's part
    order = sorted(range(len(rows)), key=lambda place: -lengths[place])
    going = [place for place in order if lengths[place]]
    after = list(rows)
    if not going:
        return after
    now = join_rows([rows[place] for place in going])
    for step in range(lengths[going[0]]):
        # The longest come first, so those that have ended are the last.
        left = sum(step < lengths[place] for place in going)
        if left < len(going):
            for place, own in zip(going[left:], split_rows(_part(now, left)), strict=True):
                after[place] = own
            going, now = going[:left], tuple([part[:left] for part in now])
        ids = torch.stack([tokens[place][step] for place in going])
        now = reader.read(now, ids, [before[place] + step for place in going])
        if notice is not None:
            notice(going, now)
    for place, own in zip(going, split_rows(now), strict=True):
        after[place] = own
    return after


def _part(rows: Rows, first: int) -> Rows:
    return tuple([part[first:].clone() for part in rows])
