"""A scene drawn: each thing somewhere inside its cell, on a light ground with some noise.

Size, place inside the cell and shade vary from picture to picture, and no sentence speaks of them.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from vartai.data.scenes.scene import Scene

CELL = 16
"""Pixels a side of a cell. A picture has as many times this as its grid has cells a side."""

_RGB = {
    "red": np.array((205, 40, 40)),
    "green": np.array((45, 150, 60)),
    "blue": np.array((45, 80, 205)),
    "yellow": np.array((235, 205, 45)),
    "purple": np.array((150, 60, 165)),
    "black": np.array((25, 25, 25)),
}
_WIDTHS = (11, 13, 15)
_SHADE = 18
_NOISE = 12
_GROUND = (205, 241)
_PATTERNS = 64
_FINE = 4


class Artist:
    """Draws scenes on one kind of grid.

    Args:
        grid: cells a side.
        random: decides what no sentence tells.
    """

    def __init__(self, grid: int, random: np.random.Generator) -> None:
        self._random = random
        side = grid * CELL
        # Drawn once, for it is most of the work: a picture takes one of these.
        self._noise = random.integers(
            -_NOISE, _NOISE + 1, size=(_PATTERNS, 3, side, side), dtype=np.int8
        )

    def draw(self, scene: Scene) -> NDArray[np.uint8]:
        """``[3, S, S]``, RGB, with S = grid × `CELL`."""
        random = self._random
        picture = self._noise[random.integers(_PATTERNS)] + random.integers(
            *_GROUND, dtype=np.int16
        )
        for thing in scene.things:
            width = _WIDTHS[random.integers(len(_WIDTHS))]
            top, left = random.integers(0, CELL - width + 1, size=2).tolist()
            shade = _RGB[thing.colour] + random.integers(-_SHADE, _SHADE + 1, size=3)
            row, column = CELL * thing.cell.row + top, CELL * thing.cell.column + left
            ground = picture[:, row : row + width, column : column + width]
            ground += (_mask(thing.shape, width) * (shade[:, None, None] - ground)).astype(np.int16)
        drawn: NDArray[np.uint8] = picture.clip(0, 255).astype(np.uint8)
        return drawn


@functools.cache
def _mask(shape: str, width: int) -> NDArray[np.float64]:
    """``[width, width]``: which share of each pixel the shape covers."""
    steps = (np.arange(width * _FINE) + 0.5) / (width * _FINE) * 2 - 1
    y, x = steps[:, None], steps[None, :]
    if shape == "circle":
        inside = x**2 + y**2 <= 1
    elif shape == "square":
        inside = np.maximum(abs(x), abs(y)) <= 0.85
    elif shape == "triangle":
        inside = 2 * abs(x) <= y + 1
    else:
        inside = np.minimum(abs(x), abs(y)) <= 0.3
    fine = np.broadcast_to(inside, (width * _FINE, width * _FINE))
    mask: NDArray[np.float64] = fine.reshape(width, _FINE, width, _FINE).mean((1, 3))
    return mask
