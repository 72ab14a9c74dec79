"""What can be decoded: something that reads one token of every sequence and scores the next.

Letters: R rows, one for each sequence that is being written; V tokens in the vocabulary.
"""

from __future__ import annotations

from typing import Protocol, Self, TypeVar

from torch import Tensor


class RowState(Protocol):
    """What was read so far, of R sequences: opaque, never changed in place."""

    def select(self, rows: Tensor) -> Self:
        """The states of some rows, in this order; a row may be left out, or taken twice.

        Args:
            rows: ``[R']``, int64, on the CPU.
        """


S = TypeVar("S", bound=RowState)


class Step(Protocol[S]):
    """One step of a model that writes."""

    def __call__(self, ids: Tensor, state: S) -> tuple[Tensor, S]:
        """Read one token of every row.

        Args:
            ids: ``[R]``, int64: the token of each row.
            state: before it, of R rows.

        Returns:
            Log-probabilities ``[R, V]`` of the token that follows, in nats, and the state after.
        """
