"""Where a picture was looked at, word by word, as one image file: for print, mail and slides.

The picture stands once for each word, darker the less a place was looked at, with a frame around
the place that was looked at most; below it the word, and the share of that place. Lightness and
frame say the same in grey.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vartai.errors import MissingExtra
from vartai.figures.looks import DARKEST, require_square, said

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont

_TILE, _LINE, _GAP, _COLUMNS = 160, 24, 6, 6
# Looked for by name, in the order of how many scripts they write; Pillow's own writes English only.
_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf")
_NO_CHARACTER = "\uffff"


class Painting(NamedTuple):
    """An image file.

    Args:
        data: bytes of a PNG.
        notes: what a reader should know, as readable sentences; mostly none.
    """

    data: bytes
    notes: tuple[str, ...]


def paint_looks(
    *,
    picture: NDArray[np.uint8],
    words: Sequence[str],
    weights: NDArray[np.floating[Any]],
) -> Painting:
    """Paint a sheet.

    Args:
        picture: ``[3, S, S]``, RGB.
        words: W; an empty one is the end.
        weights: ``[W, L]``, shares of L places, row by row from the top left; L is a square.

    Raises:
        MissingExtra: the `pillow` package is not installed.
        OptionError: numbers that do not belong together, none, or places in no square.
    """
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise MissingExtra("Painting a picture", extra="images") from error
    grids = require_square(words, weights)
    columns = min(_COLUMNS, len(words))
    rows = -(-len(words) // columns)
    size = (columns * (_TILE + _GAP) + _GAP, rows * (_TILE + _LINE) + _GAP)
    sheet = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(sheet), _font()
    shown = Image.fromarray(np.ascontiguousarray(picture.transpose(1, 2, 0)))
    pixels = np.asarray(shown.resize((_TILE, _TILE), Image.Resampling.BICUBIC), dtype=np.float64)
    for place, (word, grid) in enumerate(zip(words, grids, strict=True)):
        row, column = divmod(place, columns)
        left, top = _GAP + column * (_TILE + _GAP), _GAP + row * (_TILE + _LINE)
        lit = pixels * _light(grid)[:, :, None]
        sheet.paste(Image.fromarray(lit.round().astype(np.uint8)), (left, top))
        inner, outer = _frame(grid, left, top)
        pen.rectangle(outer, outline="black", width=1)
        pen.rectangle(inner, outline="white", width=2)
        below = f"{said(word)}  {grid.max():.0%}"
        pen.text((left + 2, top + _TILE + 2), below, fill="black", font=font)
    written = io.BytesIO()
    sheet.save(written, "PNG")
    return Painting(written.getvalue(), _missing(words, font))


def _light(grid: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """``[tile, tile]``: which share of its light each pixel keeps."""
    share = grid / (grid.max() or 1.0)
    at = np.arange(_TILE) * len(grid) // _TILE
    light: NDArray[np.floating[Any]] = 1 - DARKEST * (1 - share[at][:, at])
    return light


def _frame(grid: NDArray[np.floating[Any]], left: int, top: int) -> tuple[list[int], list[int]]:
    """Around the place of the highest share: a box, and one a pixel wider."""
    row, column = divmod(int(grid.argmax()), len(grid))
    ends = [(row + n) * _TILE // len(grid) for n in (0, 1)]
    sides = [(column + n) * _TILE // len(grid) for n in (0, 1)]
    box = [left + sides[0], top + ends[0], left + sides[1] - 1, top + ends[1] - 1]
    return box, [box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1]


def _font() -> FreeTypeFont | ImageFont:
    from PIL import ImageFont

    for name in _FONTS:
        try:
            return ImageFont.truetype(name, 15)
        except OSError:
            continue
    return ImageFont.load_default(15)


def _missing(words: Sequence[str], font: FreeTypeFont | ImageFont) -> tuple[str, ...]:
    """Says which letters no font here can write: what stands for them is an empty box."""
    box = bytes(font.getmask(_NO_CHARACTER))
    letters = sorted({letter for word in words for letter in word if not letter.isspace()})
    absent = [letter for letter in letters if bytes(font.getmask(letter)) == box]
    if not absent:
        return ()
    return (
        f"No font here can write {' '.join(absent)}; boxes stand in the picture. Installed, one of "
        f"{', '.join(_FONTS)} would be used.",
    )
