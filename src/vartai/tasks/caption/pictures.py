"""Many pictures, or their annotations, by number: kept in memory, or opened when they are needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from vartai.data.batches import Ids


class Pictures(Protocol):
    """P pictures."""

    def __len__(self) -> int:
        """P."""

    def batch(self, chosen: Ids) -> Tensor:
        """Some of them: uint8 ``[B, 3, S, S]``, or annotations ``[B, L, D]``."""

    def take(self, places: Sequence[int]) -> Pictures:
        """Some of them, as a collection."""


class HeldPictures:
    """Pictures in memory.

    Args:
        pictures: uint8 ``[P, 3, S, S]``, or annotations, float32 ``[P, L, D]``.
    """

    def __init__(self, pictures: Tensor) -> None:
        self.pictures = pictures

    def __len__(self) -> int:
        return len(self.pictures)

    def batch(self, chosen: Ids) -> Tensor:
        """See `Pictures`."""
        return self.pictures[torch.from_numpy(chosen)]

    def take(self, places: Sequence[int]) -> HeldPictures:
        """See `Pictures`."""
        return HeldPictures(self.batch(np.array(places, dtype=np.int64)))


def flipped(pictures: Tensor) -> Tensor:
    """Half of the pictures ``[B, 3, S, S]`` mirrored, by torch's random numbers."""
    drawn = torch.rand(len(pictures)) < 0.5
    return torch.where(drawn[:, None, None, None], pictures.flip(3), pictures)


def shifted(pictures: Tensor, most: int) -> Tensor:
    """Each picture moved by at most so many pixels; what its edge leaves free is the edge again."""
    count, _, height, width = pictures.shape
    down, across = torch.randint(-most, most + 1, (2, count, 1))
    rows = (torch.arange(height) + down).clamp(0, height - 1)
    columns = (torch.arange(width) + across).clamp(0, width - 1)
    picture = torch.arange(count)[:, None, None]
    moved = pictures[picture, :, rows[:, :, None], columns[:, None, :]]
    return moved.permute(0, 3, 1, 2)
