"""Three ways to drop: whole words, whole features of a sequence, single numbers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vartai.errors import require_range
from vartai.sequences import SequenceBatch

_DRAWS = 1 << 15


class WordDropout(nn.Module):
    """In training, each token becomes the unknown token with probability `share`.

    Teaches the model to do without any one word, and what to think of a word never seen.
    """

    def __init__(self, share: float, unknown_id: int) -> None:
        super().__init__()
        require_range("dropout", share, at_least=0, below=1)
        self.share = share
        self.unknown_id = unknown_id

    def forward(self, ids: Tensor) -> Tensor:
        """``[N]`` int64 to ``[N]`` int64; or rows ``[N, F]``, of which a dropped one keeps nothing.

        The first of a row's ids is the token's, the others are of its parts, and 0 is none.
        """
        if not self.training or self.share == 0.0:
            return ids
        dropped = torch.rand(len(ids), device=ids.device) < self.share
        if ids.dim() == 1:
            return ids.masked_fill(dropped, self.unknown_id)
        nothing = ids.new_zeros(ids.size(1))
        nothing[0] = self.unknown_id
        return torch.where(dropped[:, None], nothing, ids)


class LockedDropout(nn.Module):
    """In training, drops the same features at every step of a sequence (Gal & Ghahramani 2016)."""

    def __init__(self, share: float) -> None:
        super().__init__()
        require_range("dropout", share, at_least=0, below=1)
        self.share = share

    def forward(self, batch: SequenceBatch) -> SequenceBatch:
        """Data ``[N, D]`` to data ``[N, D]``; what stays is scaled by 1/(1-share)."""
        if not self.training or self.share == 0.0:
            return batch
        keep = 1.0 - self.share
        mask = batch.data.new_empty(len(batch), batch.data.size(1)).bernoulli_(keep).div_(keep)
        return batch.with_data(batch.data * mask.index_select(0, batch.sequence_of_row()))


class Dropout(nn.Module):
    """In training, drops single numbers: `torch.nn.Dropout` for a fifth of its time on a CPU.

    One random whole number of 64 bits decides about four numbers, 15 bits about each, so a share
    is rounded to a multiple of 1/32768.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        require_range("dropout", share, at_least=0, below=1)
        self.share = share

    def forward(self, rows: Tensor) -> Tensor:
        """Of any shape; what stays is scaled by 1/(1-share)."""
        dropped = round(self.share * _DRAWS)
        if not self.training or dropped == 0:
            return rows
        count = rows.numel()
        drawn = torch.empty((count + 3) // 4, dtype=torch.int64, device=rows.device).random_()
        # random_ leaves the highest of 64 bits out: no draw of 15 bits looks at it.
        draws = drawn.view(torch.int16)[:count].bitwise_and_(_DRAWS - 1).view(rows.shape)
        kept = (draws >= dropped).to(rows.dtype).mul_(_DRAWS / (_DRAWS - dropped))
        return rows * kept

    def extra_repr(self) -> str:
        """The share."""
        return str(self.share)
