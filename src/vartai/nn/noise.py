"""Recurrent dropout and zoneout of a layer: what is drawn in training, and what is left of it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from vartai.errors import OptionError, require_range
from vartai.kernels.direction import Noise
from vartai.kernels.padded import AnyBatch


@dataclass(frozen=True)
class NoiseShares:
    """How much of a state is dropped or kept.

    Args:
        recurrent_dropout: share of hidden units dropped on their way to the next step, the same at
            every step of a sequence (Gal & Ghahramani 2016).
        zoneout_hidden: share of hidden units that a step leaves as they were (Krueger et al. 2017).
        zoneout_cell: the same of an LSTM's cell.

    Raises:
        OptionError: a share is not at least 0 and below 1.
    """

    recurrent_dropout: float
    zoneout_hidden: float
    zoneout_cell: float

    def __post_init__(self) -> None:
        require_range("recurrent_dropout", self.recurrent_dropout, at_least=0, below=1)
        require_range("zoneout", self.zoneout_hidden, at_least=0, below=1)
        require_range("zoneout", self.zoneout_cell, at_least=0, below=1)

    @classmethod
    def of(cls, recurrent_dropout: float, zoneout: float | tuple[float, float]) -> NoiseShares:
        """From a constructor's arguments: one share for both parts of the state, or a pair."""
        pair = zoneout if isinstance(zoneout, tuple) else (zoneout, zoneout)
        if len(pair) != 2:
            raise OptionError(f"zoneout must be a share, or one of hidden and one of cell: {pair}")
        return cls(recurrent_dropout, *map(float, pair))

    def draw(self, batch: AnyBatch, sizes: tuple[int, ...], *, training: bool) -> Noise | None:
        """Noise for one run of one layer in one direction; None if there is nothing to do.

        Masks come from torch's random numbers on the device of the rows.

        Args:
            batch: data ``[N, …]``.
            sizes: of each part of the state.
            training: in evaluation nothing is dropped, and a step keeps the expected share.
        """
        zoneout = (self.zoneout_hidden, self.zoneout_cell)[: len(sizes)]
        if not any(zoneout) and not (training and self.recurrent_dropout):
            return None
        if not training:
            return Noise(None, *zoneout)
        rows = batch.data
        recurrent = None
        if self.recurrent_dropout:
            keep = 1.0 - self.recurrent_dropout
            recurrent = rows.new_empty(batch.count, sizes[0]).bernoulli_(keep).div_(keep)
        # A third part, an LSTM's recurrent gates, is new at every step.
        return Noise(recurrent, *(_mask(rows, z, n) for z, n in zip(zoneout, sizes, strict=False)))


def _mask(rows: Tensor, share: float, size: int) -> Tensor | float:
    """``[…, size]``, 1 where the old state is kept."""
    return rows.new_empty(*rows.shape[:-1], size).bernoulli_(share) if share else 0.0
