"""Annotations of a whole table, computed once by an encoder that does not learn.

annotations/0000001.npy, …      [L, D], float16, one a picture
annotations/captions.csv        the table again, with these in the place of the pictures
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vartai.data.caption_options import CaptionTableOptions
from vartai.data.captions import CaptionedPictures, read_captions
from vartai.data.rejects import Rejects
from vartai.errors import RunError, SaveError
from vartai.images.opening import Opened, read_picture

TABLE = "captions.csv"

Annotate = Callable[[Tensor], Tensor]
"""Pictures ``[B, 3, S, S]``, uint8, to annotations ``[B, L, D]``: a `PretrainedEncoder`, or your
own."""


def write_annotations(
    path: str,
    options: CaptionTableOptions,
    folder: Path,
    *,
    annotate: Annotate,
    picture_size: int,
) -> tuple[Path, Rejects, list[str]]:
    """Annotate every picture of a table, one after another.

    Args:
        path: a table of pictures and captions.
        options: how to read it.
        folder: made if need be; files of an earlier run are replaced.
        annotate: the encoder.
        picture_size: S that it wants.

    Returns:
        The table that was written, the rows that could not be used, and what was noticed.

    Raises:
        InputError: the table cannot be read, or its columns are not clear.
        RunError: an annotation is beyond float16, so it would be written as infinite.
        SaveError: a file could not be written.
    """
    made: list[str] = []

    def open_file(picture: Path) -> Opened:
        opened = read_picture(picture, size=picture_size)
        with torch.no_grad():
            values = annotate(opened.values.unsqueeze(0))[0].to(torch.float16)
        if not values.isfinite().all():
            raise RunError(f"{picture}: an annotation is beyond what float16 holds (65,504)")
        name = f"{len(made) + 1:07}.npy"
        np.save(folder / name, values.cpu().numpy(), allow_pickle=False)
        made.append(name)
        return Opened(torch.empty(0), opened.notes)

    try:
        folder.mkdir(parents=True, exist_ok=True)
        pictures, rejects, notes = read_captions(
            path, options, open_file=open_file, need_caption=True
        )
        _write_table(folder / TABLE, pictures, made)
    except OSError as error:
        raise SaveError(f"{folder}: could not be written: {error.strerror}") from error
    return folder / TABLE, rejects, notes


def _write_table(path: Path, pictures: CaptionedPictures, names: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("image", "caption"))
        for item, name in zip(pictures.items, names, strict=True):
            table.writerows((name, caption) for caption in item.captions)
