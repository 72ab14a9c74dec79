"""How this task opens what a table names: a picture, or a file of annotations."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from vartai.data.captions import OpenFile
from vartai.errors import InputError
from vartai.images.features import read_annotations
from vartai.images.opening import Opened, read_picture
from vartai.tasks.caption.config import CaptionConfig


def opener(config: CaptionConfig, *, trained: bool) -> OpenFile:
    """Opens files as the model of this configuration wants them.

    Args:
        config: of the captioner.
        trained: annotations must have as many numbers as the configuration says; else the first
            file decides how many, and how many places there are.
    """
    if config.model.encoder == "given":
        return _Annotations(config.pictures.annotation_size if trained else None)
    return partial(read_picture, size=config.pictures.picture_size)


class _Annotations:
    """Opens files of annotations, all of the shape of the first.

    Args:
        size: numbers that each annotation must have; any if None.
    """

    def __init__(self, size: int | None) -> None:
        self._size = size
        self._shape: tuple[int, int] | None = None

    def __call__(self, path: Path) -> Opened:
        """Open one file; see `read_annotations`."""
        opened = read_annotations(path, shape=self._shape)
        places, size = opened.values.shape
        if self._size is not None and size != self._size:
            raise InputError(
                f"expected annotations of {self._size} numbers, found {size}", file=str(path)
            )
        self._shape = places, size
        return opened
