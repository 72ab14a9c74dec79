"""Where a captioner looked, as a file: numbers, or a picture of pictures."""

from __future__ import annotations

import io
import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from vartai.errors import OptionError, SaveError
from vartai.tasks.caption.task import Looks

_KINDS = (".json", ".png")
_TILE, _LINE, _COLUMNS = 160, 22, 6  # pixels, pixels, tiles a row
_DIMMEST = 0.15  # of a place that was not looked at: the picture stays to be seen


def require_look_file(path: Path) -> None:
    """Refuse a name that ends in neither way, before anything is computed.

    Raises:
        OptionError: names the known ones.
    """
    if path.suffix.lower() not in _KINDS:
        raise OptionError(
            f"{path}: expected a name that ends in one of {', '.join(_KINDS)}, found "
            f"{path.suffix!r}"
        )


def write_looks(looks: Looks, picture: Tensor, *, caption: str, path: Path) -> None:
    """Write the file.

    Args:
        looks: where it looked.
        picture: uint8 ``[3, S, S]``; only a .json can do with annotations.
        caption: the sentence.
        path: of the file.

    Raises:
        OptionError: there is nothing to paint on.
        SaveError: it could not be written.
    """
    if path.suffix.lower() == ".png":
        raw = _painted(looks, picture)
    else:
        raw = json.dumps({"caption": caption, **asdict(looks)}, ensure_ascii=False).encode()
    try:
        path.write_bytes(raw)
    except OSError as error:
        raise SaveError(f"{path}: cannot be written: {error.strerror}") from error


def _painted(looks: Looks, picture: Tensor) -> bytes:
    """A tile for each word: the picture, the brighter the more a place was looked at."""
    from PIL import Image, ImageDraw, ImageFont

    if looks.side is None or picture.dim() != 3:
        raise OptionError(
            "annotations have no picture to paint on; --attention FILE.json tells all"
        )
    shown = Image.fromarray(picture.permute(1, 2, 0).numpy()).resize((_TILE, _TILE))
    pixels = np.asarray(shown, dtype=np.float64)
    columns = min(_COLUMNS, len(looks.words))
    rows = math.ceil(len(looks.words) / columns)
    sheet = Image.new("RGB", (columns * _TILE, rows * (_TILE + _LINE)), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for place, (word, weights) in enumerate(zip(looks.words, looks.weights, strict=True)):
        row, column = divmod(place, columns)
        left, top = column * _TILE, row * (_TILE + _LINE)
        lit = pixels * _light(np.array(weights), looks.side)[:, :, None]
        sheet.paste(Image.fromarray(lit.astype(np.uint8)), (left, top + _LINE))
        pen.text((left + 4, top + 3), word or "(end)", fill="black", font=font)
    raw = io.BytesIO()
    sheet.save(raw, "PNG")
    return raw.getvalue()


def _light(weights: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """``[S, S]`` from `_DIMMEST` to 1, smooth between the middles of places."""
    from PIL import Image

    grid = Image.fromarray((weights / weights.max()).reshape(side, side).astype(np.float32))
    share = np.asarray(grid.resize((_TILE, _TILE), Image.Resampling.BILINEAR))
    return _DIMMEST + (1 - _DIMMEST) * share.astype(np.float64)
