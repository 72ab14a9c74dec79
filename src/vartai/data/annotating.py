"""Annotations of the pictures of a table, computed once by an encoder that does not learn.

See `vartai.data.features` for the folder that they are written to. A picture is known by its bytes:
one that is there already, from this table or another, is not computed again. So a run that was
stopped goes on when it is started again.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vartai.data.caption_options import CaptionTableOptions
from vartai.data.captions import CaptionedPictures, read_captions, require_enough_captions
from vartai.data.features import ANNOTATIONS, Origin, begin_features, write_whole
from vartai.data.rejects import Rejects
from vartai.errors import InputError, OptionError, SaveError
from vartai.images.features import read_annotations
from vartai.images.opening import Opened, read_picture, read_picture_file

Annotate = Callable[[Tensor], Tensor]
"""Pictures ``[B, 3, S, S]``, uint8, to annotations ``[B, L, D]``: a `PretrainedEncoder`, or your
own."""


@dataclass(frozen=True, eq=False)
class Annotated:
    """What came of a table.

    Args:
        table: that was written.
        pictures: that are in it.
        computed: now.
        found: that were there already.
        alike: pictures that are another one of the table, byte for byte, and share its annotations.
        captions: of all pictures.
        rejects: rows that could not be used.
        notes: what was noticed, in sentences.
    """

    table: Path
    pictures: int
    computed: int
    found: int
    alike: int
    captions: int
    rejects: Rejects
    notes: list[str]


def annotate_picture(annotate: Annotate, pixels: Tensor, *, file: str) -> Tensor:
    """The annotations of one picture as files keep them: ``[L, D]``, float16.

    Args:
        annotate: the encoder.
        pixels: ``[3, S, S]``, uint8.
        file: name of the picture, for messages.

    Raises:
        InputError: one is beyond float16, so it would be kept as infinite, or is no number.
    """
    with torch.no_grad():
        values = annotate(pixels.unsqueeze(0))[0].float().cpu()
    kept = values.to(torch.float16)
    if not kept.isfinite().all():
        whole = bool(values.isfinite().all())
        what = "beyond what float16 holds (65,504)" if whole else "no finite number"
        raise InputError(f"an annotation of it is {what}", file=file)
    return kept


def write_features(
    path: str,
    options: CaptionTableOptions,
    folder: Path,
    *,
    annotate: Annotate,
    origin: Origin,
    need_caption: bool,
    watch: Callable[[int], None] = lambda _: None,
) -> Annotated:
    """Annotate every picture of a table, one after another; never more than one in memory.

    Args:
        path: a table of pictures and, mostly, captions.
        options: how to read it.
        folder: of features; made if need be.
        annotate: the encoder.
        origin: what it is called and gives.
        need_caption: there is a column of captions; else the pictures alone are listed.
        watch: told after each picture how many there are.

    Raises:
        InputError: the table cannot be read, its columns are not clear, or too little of it is
            usable; what could be annotated stays.
        OptionError: the folder holds something else.
        SaveError: a file could not be written.
    """
    begin_features(folder, origin)
    table = folder / f"{Path(path).stem}.csv"
    if Path(path).resolve() == table.resolve():
        raise OptionError(f"{path} lies where its features would: choose another --out")
    annotating = _Annotating(folder / ANNOTATIONS, annotate, origin, watch)
    pictures, rejects, notes = read_captions(
        path, options, open_file=annotating, need_caption=need_caption
    )
    lost = table.with_suffix(".rejects.jsonl")
    if len(rejects):
        rejects.write(lost)
    else:
        lost.unlink(missing_ok=True)
    require_enough_captions(pictures, rejects)
    if _write_table(table, pictures, annotating.names, captioned=need_caption):
        notes.append(f"{table} was there with other rows, and is replaced.")
    return Annotated(
        table=table,
        pictures=len(set(annotating.names)),
        computed=annotating.computed,
        found=annotating.found,
        alike=len(pictures) - len(set(annotating.names)),
        captions=sum(len(item.captions) for item in pictures.items),
        rejects=rejects,
        notes=[*notes, *annotating.notes],
    )


class _Annotating:
    """Opens a picture by annotating it, unless its annotations are there."""

    def __init__(
        self, folder: Path, annotate: Annotate, origin: Origin, watch: Callable[[int], None]
    ) -> None:
        self.names: list[str] = []
        self.notes: list[str] = []
        self.computed = self.found = 0
        self._folder = folder
        self._annotate = annotate
        self._origin = origin
        self._watch = watch
        self._met: set[str] = set()

    def __call__(self, picture: Path) -> Opened:
        """Nothing of a picture is kept but its name and what was noticed."""
        data = read_picture_file(picture)
        name = f"{hashlib.blake2b(data, digest_size=16).hexdigest()}.npy"
        notes: tuple[str, ...] = ()
        if name not in self._met:
            if self._is_there(self._folder / name):
                self.found += 1
            else:
                opened = read_picture(data, size=self._origin.picture_size, file=str(picture))
                notes = opened.notes
                self._write(self._folder / name, opened.values, picture)
                self.computed += 1
        self._met.add(name)
        self.names.append(name)
        self._watch(len(self.names))
        return Opened(torch.empty(0), notes)

    def _is_there(self, path: Path) -> bool:
        if not path.exists():
            return False
        try:
            read_annotations(path, shape=(self._origin.places, self._origin.numbers))
        except InputError as error:
            self.notes.append(f"{error}; computed again.")
            return False
        return True

    def _write(self, path: Path, pixels: Tensor, picture: Path) -> None:
        kept = annotate_picture(self._annotate, pixels, file=str(picture))
        expected = (self._origin.places, self._origin.numbers)
        if tuple(kept.shape) != expected:
            raise OptionError(
                f"expected annotations {list(expected)} of {self._origin.encoder}, found "
                f"{list(kept.shape)}"
            )
        raw = io.BytesIO()
        np.save(raw, kept.numpy(), allow_pickle=False)
        try:
            write_whole(path, raw.getvalue())
        except OSError as error:
            raise SaveError(f"{path}: could not be written: {error.strerror}") from error


def _write_table(
    path: Path, pictures: CaptionedPictures, names: list[str], *, captioned: bool
) -> bool:
    """Columns image (of annotations), caption if there are any, and picture (as it was called).

    Returns:
        Whether another one was there.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("image", "caption", "picture") if captioned else ("image", "picture"))
    for item, name in zip(pictures.items, names, strict=True):
        image = f"{ANNOTATIONS}/{name}"
        if captioned:
            rows.writerows((image, caption, item.image) for caption in item.captions)
        else:
            rows.writerow((image, item.image))
    raw = text.getvalue().encode("utf-8")
    try:
        other = path.exists() and path.read_bytes() != raw
        write_whole(path, raw)
    except OSError as error:
        raise SaveError(f"{path}: could not be written: {error.strerror}") from error
    return other
