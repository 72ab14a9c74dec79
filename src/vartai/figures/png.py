"""Pixels as a PNG file, with nothing but Python: figures carry their pictures inside."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from vartai.errors import OptionError


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """The file (PNG, third edition: RGB of 8 bits, no filter, not interlaced).

    Args:
        pixels: ``[3, H, W]``, RGB.

    Raises:
        OptionError: pixels of another shape or type, or none.
    """
    if pixels.ndim != 3 or pixels.shape[0] != 3 or pixels.dtype != np.uint8 or not pixels.size:
        raise OptionError(
            f"expected pixels [3, height, width] of type uint8, found {list(pixels.shape)} of "
            f"type {pixels.dtype}"
        )
    _, height, width = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), dtype=np.uint8)  # each row begins with its filter: 0
    rows[:, 1:] = pixels.transpose(1, 2, 0).reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes())), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def png_address(pixels: NDArray[np.uint8]) -> str:
    """The file as an address that holds it: ``data:image/png;base64,…``. As `png_bytes`."""
    return f"data:image/png;base64,{base64.b64encode(png_bytes(pixels)).decode()}"


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
