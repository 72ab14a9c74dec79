"""How this task opens what a table names: a picture, or a file of annotations."""

from __future__ import annotations

from functools import partial

from vartai.data.captions import OpenFile
from vartai.images.features import read_annotations
from vartai.images.opening import read_picture
from vartai.tasks.caption.config import CaptionConfig


def opener(config: CaptionConfig) -> OpenFile:
    """Opens one file as the model of this configuration wants it."""
    if config.model.encoder == "given":
        return partial(read_annotations, shape=None)
    return partial(read_picture, size=config.pictures.picture_size)
