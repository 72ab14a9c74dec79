"""Where a captioner looked, as a file: numbers, or a picture of pictures."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from torch import Tensor

from vartai.errors import OptionError, SaveError
from vartai.figures.painted import Painting, paint_looks
from vartai.tasks.caption.task import Looks

_KINDS = (".json", ".png")


def require_look_file(path: Path, *, picture: Path) -> None:
    """Refuse a name that ends in neither way, or lies nowhere, before anything is computed.

    Args:
        path: of the file.
        picture: that is looked at.

    Raises:
        OptionError: names the known ones; or the picture itself would be written over.
    """
    if path.resolve() == picture.resolve():
        raise OptionError(f"--attention {path} would write over the picture; choose another name")
    if path.suffix.lower() not in _KINDS:
        raise OptionError(
            f"{path}: expected a name that ends in one of {', '.join(_KINDS)}, found "
            f"{path.suffix!r}"
        )
    if not path.parent.is_dir():
        raise OptionError(f"{path}: there is no folder {path.parent} to write it in")


def write_looks(looks: Looks, picture: Tensor, *, caption: str, path: Path) -> tuple[str, ...]:
    """Write the file.

    Args:
        looks: where it looked.
        picture: uint8 ``[3, S, S]``; only a .json can do with annotations.
        caption: the sentence.
        path: of the file.

    Returns:
        What was noticed, in sentences.

    Raises:
        OptionError: there is nothing to paint on.
        SaveError: it could not be written.
    """
    notes: tuple[str, ...] = ()
    if path.suffix.lower() == ".png":
        raw, notes = _painted(looks, picture)
    else:
        raw = json.dumps({"caption": caption, **asdict(looks)}, ensure_ascii=False).encode()
    try:
        path.write_bytes(raw)
    except OSError as error:
        raise SaveError(f"{path}: cannot be written: {error.strerror}") from error
    return notes


def _painted(looks: Looks, picture: Tensor) -> Painting:
    if looks.side is None or picture.dim() != 3:
        raise OptionError(
            "annotations have no picture to paint on; --attention FILE.json tells all"
        )
    return paint_looks(picture=picture.numpy(), words=looks.words, weights=np.array(looks.weights))
