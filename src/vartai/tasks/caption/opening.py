"""How this task opens what a table names: a picture, or a file of annotations."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import torch

from vartai.data.annotating import Annotate, annotate_picture
from vartai.data.captions import OpenFile
from vartai.data.features import Origin, find_origin
from vartai.errors import InputError, OptionError
from vartai.images.features import read_annotations
from vartai.images.opening import Opened, read_picture
from vartai.images.options import PictureOptions
from vartai.tasks.caption.config import CaptionConfig


def opener(config: CaptionConfig, *, trained: bool, annotate: Annotate | None = None) -> OpenFile:
    """Opens files as the model of this configuration wants them.

    Args:
        config: of the captioner.
        trained: annotations must have as many numbers as the configuration says; else the first
            file decides how many, and how many places there are.
        annotate: the encoder that made the annotations of training, for pictures that have none.

    Raises:
        OptionError: `pretrained` names an encoder, and another one is trained along.
    """
    pictures = config.pictures
    if config.model.encoder == "given":
        return _Annotations(pictures, trained=trained, annotate=annotate)
    if pictures.pretrained is not None:
        raise OptionError(
            "--pretrained says what made annotations; it goes with --encoder given and a table of "
            "them, as vartai features writes it"
        )
    return partial(read_picture, size=pictures.picture_size)


def require_origin(pictures: PictureOptions, found: Origin, *, file: str) -> None:
    """Refuse features of another encoder than those of training.

    Args:
        pictures: of the captioner.
        found: what made the features.
        file: them, for messages.

    Raises:
        InputError: encoder, weights or size of pictures differ.
    """
    for name, expected, own in (
        ("encoder", pictures.pretrained, found.encoder),
        ("weights", _digest(pictures.pretrained_weights), _digest(found.weights)),
        ("pictures of pixels", pictures.picture_size, found.picture_size),
    ):
        if pictures.pretrained is not None and expected is not None and expected != own:
            raise InputError(
                f"these features are of another encoder than those of training: {name} expected "
                f"{expected}, found {own}",
                file=file,
            )


def _digest(weights: str | None) -> str | None:
    # The same weights may have been fetched here and been in a file there.
    return None if weights is None else weights.partition(":")[2]


class _Annotations:
    """Opens files of annotations, all of the shape of the first.

    Args:
        pictures: say how many numbers each annotation must have, and who made them.
        trained: whether they are those of a model.
        annotate: makes annotations of files that hold none.
    """

    def __init__(
        self, pictures: PictureOptions, *, trained: bool, annotate: Annotate | None
    ) -> None:
        self._pictures = pictures
        self._size = pictures.annotation_size if trained else None
        self._annotate = annotate
        self._shape: tuple[int, int] | None = None
        self._right: set[Path] = set()

    def __call__(self, path: Path) -> Opened:
        """Open one file; see `read_annotations`."""
        if self._annotate is not None and path.suffix.lower() != ".npy":
            opened = self._annotated(path, self._annotate)
        else:
            opened = self._read(path)
        places, size = opened.values.shape
        if self._shape is not None and self._shape != (places, size):
            raise InputError(
                f"expected annotations of {self._shape[0]} places × {self._shape[1]} numbers as "
                f"before, found {places} × {size}",
                file=str(path),
            )
        if self._size is not None and size != self._size:
            raise InputError(
                f"expected annotations of {self._size} numbers, found {size}", file=str(path)
            )
        self._shape = places, size
        return opened

    def _read(self, path: Path) -> Opened:
        try:
            opened = read_annotations(path, shape=self._shape)
        except InputError as error:
            raise InputError(f"{error.problem}{self._hint(path)}", file=str(path)) from error
        if self._pictures.pretrained is not None and path.parent not in self._right:
            found = find_origin(path.parent)
            if found is not None:
                require_origin(self._pictures, found, file=str(path))
            self._right.add(path.parent)
        return opened

    def _hint(self, path: Path) -> str:
        name = self._pictures.pretrained
        if path.suffix.lower() == ".npy" or not path.is_file():
            return ""
        if name is None:
            return "; this model reads annotations (.npy), and what made them is not known"
        return f"; of pictures, vartai features --encoder {name} makes annotations"

    def _annotated(self, path: Path, annotate: Annotate) -> Opened:
        opened = read_picture(path, size=self._pictures.picture_size)
        # Rounded as those of training were.
        values = annotate_picture(annotate, opened.values, file=str(path)).to(torch.float32)
        return Opened(values, opened.notes)
