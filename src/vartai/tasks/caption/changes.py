"""What training changes about pictures, so that the same one is never seen twice alike."""

from __future__ import annotations

import torch
from torch import Tensor

from vartai.tasks.caption.config import ChangeOptions


def changed(pictures: Tensor, options: ChangeOptions) -> Tensor:
    """Pictures ``[B, 3, S, S]``, mirrored and moved as the options say; annotations as they are."""
    if pictures.dim() != 4:
        return pictures
    if options.flip:
        pictures = flipped(pictures)
    return shifted(pictures, options.shift) if options.shift else pictures


def flipped(pictures: Tensor) -> Tensor:
    """Half of the pictures mirrored, by torch's random numbers."""
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
