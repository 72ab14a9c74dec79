"""Small picture files made on the spot."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

# Red, green, blue and white quarters: it shows turning, mirroring and cutting.
QUARTERS = np.zeros((16, 16, 3), dtype=np.uint8)
QUARTERS[:8, :8] = (255, 0, 0)
QUARTERS[:8, 8:] = (0, 255, 0)
QUARTERS[8:, :8] = (0, 0, 255)
QUARTERS[8:, 8:] = (255, 255, 255)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The file that holds a picture."""
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def quarters() -> Image.Image:
    return Image.fromarray(QUARTERS)


def corners(pixels: Any) -> list[tuple[int, ...]]:
    """Colours of the four corners: top left, top right, bottom left, bottom right."""
    return [tuple(pixels[:, y, x].tolist()) for y in (0, -1) for x in (0, -1)]


def save(path: Path, colour: tuple[int, int, int] = (10, 20, 30)) -> None:
    Image.new("RGB", (8, 8), colour).save(path)


RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
