"""Poolings that run along: what each must remember of all steps so far, in constant memory.

    last         nothing: the last output is part of the layers' state
    mean         the sum of the outputs
    max          the largest value of each feature
    attention    the highest score m, the sum of exp(score - m), and the sum of the outputs weighted
                 by exp(score - m); where a higher score comes, both sums are scaled to it

Sums are float64, so that a stream of any length is pooled as well as a short text.
Source of the last one: Milakov & Gimelshein 2018, "Online normalizer calculation for softmax".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from vartai.errors import OptionError
from vartai.nn.pooling import AttentionPool, LastPool, MaxPool, MeanPool
from vartai.nn.row_product import RowProduct
from vartai.stream.rows import Field, Rows

_LOWEST = torch.finfo(torch.float32).min


class RunningPool(Protocol):
    """A pooling, step by step."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The arrays that it remembers."""

    def fresh(self) -> Rows:
        """Before the first step, of one stream."""

    def add(self, rows: Rows, outputs: Tensor) -> Rows:
        """After one more step of each stream, whose outputs are ``[R, F]``."""

    def pooled(self, rows: Rows, last: Tensor, counts: Sequence[int]) -> Tensor:
        """``[R, F]``, float32; zeros for a stream of no steps.

        Args:
            rows: of R streams.
            last: ``[R, F]``. Their last outputs.
            counts: their steps so far.
        """


def running_pool(pool: nn.Module, features: int) -> RunningPool:
    """The running form of a pooling.

    Raises:
        OptionError: there is none.
    """
    if isinstance(pool, AttentionPool):
        return _Attention(pool, features)
    if isinstance(pool, LastPool):
        return _Last()
    if isinstance(pool, MeanPool):
        return _Mean(features)
    if isinstance(pool, MaxPool):
        return _Max(features)
    raise OptionError(f"the pooling {type(pool).__name__} has no running form")


def _where_read(pooled: Tensor, counts: Sequence[int]) -> Tensor:
    """Zeros where nothing was read yet."""
    if all(counts):
        return pooled
    return pooled * torch.tensor([[float(count > 0)] for count in counts])


class _Last:
    def __init__(self) -> None:
        self.fields: tuple[Field, ...] = ()

    def fresh(self) -> Rows:
        return ()

    def add(self, rows: Rows, outputs: Tensor) -> Rows:
        del outputs
        return rows

    def pooled(self, rows: Rows, last: Tensor, counts: Sequence[int]) -> Tensor:
        del rows
        return _where_read(last, counts)


class _Mean:
    def __init__(self, features: int) -> None:
        self.fields = (Field("pool.sum", (features,), torch.float64),)

    def fresh(self) -> Rows:
        return (torch.zeros(1, *self.fields[0].shape, dtype=torch.float64),)

    def add(self, rows: Rows, outputs: Tensor) -> Rows:
        return (rows[0] + outputs,)

    def pooled(self, rows: Rows, last: Tensor, counts: Sequence[int]) -> Tensor:
        del last
        steps = torch.tensor([[max(1, count)] for count in counts], dtype=torch.float64)
        return (rows[0] / steps).float()


class _Max:
    def __init__(self, features: int) -> None:
        self.fields = (Field("pool.highest", (features,)),)

    def fresh(self) -> Rows:
        return (torch.full((1, *self.fields[0].shape), _LOWEST),)

    def add(self, rows: Rows, outputs: Tensor) -> Rows:
        return (torch.maximum(rows[0], outputs),)

    def pooled(self, rows: Rows, last: Tensor, counts: Sequence[int]) -> Tensor:
        del last
        if all(counts):
            return rows[0]
        empty = torch.tensor([[count == 0] for count in counts])
        return rows[0].masked_fill(empty, 0.0)


class _Attention:
    def __init__(self, pool: AttentionPool, features: int) -> None:
        self._hidden = RowProduct(pool.hidden.weight, pool.hidden.bias)
        self._score = RowProduct(pool.score.weight, None)
        self.fields = (
            Field("pool.highest", (1,)),
            Field("pool.total", (1,), torch.float64),
            Field("pool.weighted", (features,), torch.float64),
        )

    def fresh(self) -> Rows:
        sums = [torch.zeros(1, *field.shape, dtype=torch.float64) for field in self.fields[1:]]
        return (torch.full((1, 1), _LOWEST), *sums)

    def add(self, rows: Rows, outputs: Tensor) -> Rows:
        highest, total, weighted = rows
        score = self._score(torch.tanh(self._hidden(outputs)))
        now = torch.maximum(highest, score)
        kept = torch.exp((highest - now).double())
        share = torch.exp((score - now).double())
        return now, total * kept + share, weighted * kept + outputs * share

    def pooled(self, rows: Rows, last: Tensor, counts: Sequence[int]) -> Tensor:
        del last, counts
        _, total, weighted = rows
        # Without a step all sums are 0; with one the total is at least 1.
        return (weighted / total.clamp(min=1e-300)).float()
