"""A picture file to a square of pixels, whatever came, or one sentence that says why not.

A picture is untrusted input. Its kind is told by its first bytes, not by its name, and only kinds
that hold nothing but pixels are known. Its width and height are read from its header and checked
before a pixel is decoded; a file that ends too early is refused, not filled up with grey. Pixels
that are missing inside a file whose end is there nobody can tell from painted ones.

What is done to a picture, in this order: turned upright where its EXIF data say how the camera was
held; laid over white where it lets light through; made RGB of 8 bits (of 16-bit greys the upper
half is kept, CMYK is converted without a colour profile); cut to the largest square in its middle;
and scaled to the size asked for.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import threading
import warnings
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from vartai.errors import InputError, MissingExtra, require_range
from vartai.images.sizes import LARGEST_SIZE

if TYPE_CHECKING:
    from PIL.Image import Image

KINDS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
"""What is opened. Others are not: some, such as PostScript, are programs."""

MOST_BYTES = 100_000_000
MOST_PIXELS = 64_000_000
"""Of a file, and of the picture that its header promises; a gigabyte at most while decoded."""

# What Pillow raises where a file is not what it claims to be.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    EOFError,
    AttributeError,
    struct.error,
    zlib.error,
)
_WHITE = (255, 255, 255, 255)
# Python keeps the list of filters for the whole process, so one picture is opened at a time.
_FILTERS = threading.Lock()


class Opened(NamedTuple):
    """What could be read of a file.

    Args:
        values: pixels ``[3, size, size]``, uint8, RGB; or precomputed annotations ``[L, D]``.
        notes: what a reader should know, as readable sentences; mostly none.
    """

    values: Tensor
    notes: tuple[str, ...]


def open_picture(picture: str | Path | bytes, *, size: int) -> Tensor:
    """The pixels of a picture, ``[3, size, size]``, uint8, RGB. As `read_picture`, without notes.

    Args:
        picture: a path, or the bytes of a file.
        size: width and height wanted, in pixels.

    Raises:
        InputError: see `read_picture`.
    """
    return read_picture(picture, size=size).values


def read_picture(
    picture: str | Path | bytes,
    *,
    size: int,
    file: str | None = None,
    most_pixels: int = MOST_PIXELS,
) -> Opened:
    """Open a picture, make it upright, square and RGB, and scale it.

    Args:
        picture: a path, or the bytes of a file.
        size: width and height wanted, in pixels.
        file: what messages call it; the path if not given.
        most_pixels: that its header may promise, where that is less than `MOST_PIXELS`.

    Raises:
        InputError: it is not there, not a picture of one of `KINDS`, cut short or damaged, has more
            than `MOST_BYTES` or pixels than it may, or pixels that cannot be made RGB.
        MissingExtra: the `pillow` package is not installed.
        OptionError: `size` is not between 1 and `LARGEST_SIZE`.
    """
    require_range("size", size, at_least=1, below=LARGEST_SIZE + 1)
    if isinstance(picture, bytes):
        name, data = file or "picture", picture
        _require_bytes(len(data), name)
    else:
        name = file or str(picture)
        data = read_picture_file(Path(picture), name)
    try:
        import PIL.Image
    except ImportError as error:
        raise MissingExtra("Reading pictures", extra="images") from error
    with _FILTERS, warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        # Pillow's own limit first warns, and beyond twice its size raises.
        warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
        image = _open(data, name)
        try:
            _require_size(image, name, min(most_pixels, MOST_PIXELS))
            notes = _not_seen(image, name)
            pixels = _squared(image, size)
        except InputError:
            raise
        except _BROKEN as error:
            raise InputError(f"the picture is damaged or cut short: {error}", file=name) from error
        finally:
            image.close()
    said = dict.fromkeys(f"{name}: Pillow says: {warning.message}" for warning in heard)
    return Opened(pixels, (*notes, *said))


def read_picture_file(path: Path, name: str | None = None) -> bytes:
    """The bytes of a file that may be a picture, as many as a picture may have.

    Args:
        path: of the file.
        name: what messages call it; the path if not given.

    Raises:
        InputError: it is not there, no ordinary file, empty, too large, or cannot be read.
    """
    name = str(path) if name is None else name
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise InputError("is a folder; expected a picture", file=name)
        if not stat.S_ISREG(found.st_mode):
            raise InputError("is not an ordinary file; expected a picture", file=name)
        _require_bytes(found.st_size, name)
        with path.open("rb") as opened:
            # A file may grow between the two looks.
            data = opened.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise InputError("there is no such file", file=name) from error
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"cannot be read: {why}", file=name) from error
    _require_bytes(len(data), name)
    return data


def _require_bytes(count: int, name: str) -> None:
    if count == 0:
        raise InputError("the file is empty (0 bytes)", file=name)
    if count > MOST_BYTES:
        raise InputError(
            f"expected a picture of at most {MOST_BYTES:,} bytes, found {count:,}", file=name
        )


def _open(data: bytes, name: str) -> Image:
    """The file with its header read and no pixel decoded."""
    import PIL.Image
    from PIL import UnidentifiedImageError

    try:
        return PIL.Image.open(io.BytesIO(data), formats=KINDS)
    except (PIL.Image.DecompressionBombWarning, PIL.Image.DecompressionBombError) as error:
        found = re.search(r"\((\d+) pixels\)", str(error))
        raise _too_large(f"{int(found[1]):,}" if found else str(error), name) from error
    except UnidentifiedImageError as error:
        known = ", ".join(KINDS)
        raise InputError(
            f"is not a picture of a known kind ({known}), or its header is damaged; it begins with "
            f"the bytes {data[:8].hex(' ')}",
            file=name,
        ) from error
    except _BROKEN as error:
        raise InputError(f"the picture's header is damaged: {error}", file=name) from error


def _too_large(found: str, name: str, most: int = MOST_PIXELS) -> InputError:
    return InputError(
        f"expected a picture of at most {most:,} pixels, found: {found}; nothing of it was decoded",
        file=name,
    )


def _require_size(image: Image, name: str, most: int) -> None:
    """Refuse by the header alone."""
    width, height = image.size
    if width < 1 or height < 1:
        raise InputError(f"expected pixels, found {width} × {height}", file=name)
    if width * height > most:
        raise _too_large(f"{width:,} × {height:,}", name, most)


def _not_seen(image: Image, name: str) -> tuple[str, ...]:
    """What will not be looked at. Reads on in a moving picture, which may be torn there."""
    # A camera's JPEG may hold a preview beside its picture (MPO): not worth a word.
    if image.format != "MPO" and getattr(image, "is_animated", False):
        return (f"{name}: holds several pictures, one after another; the first one is read.",)
    return ()


def _squared(image: Image, size: int) -> Tensor:
    from PIL import ImageOps
    from PIL.Image import Resampling

    # A JPEG can be decoded at an eighth, a quarter or half of its size, never below what is wanted.
    image.draft(None, (2 * size, 2 * size))
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    square = ImageOps.fit(_plain(image), (size, size), method=Resampling.BILINEAR).convert("RGB")
    return torch.from_numpy(np.array(square, dtype=np.uint8)).permute(2, 0, 1).contiguous()


def _plain(image: Image) -> Image:
    """RGB, or greys of 8 bits where the depth was greater."""
    import PIL.Image

    if image.mode == "F":
        raise ValueError("its pixels are fractions of no known range")
    if image.mode == "I" and image.format == "TIFF":
        raise ValueError("its pixels are integers of 32 bits of no known range")
    if image.mode.startswith("I"):
        return _from_deep_greys(image)
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        clear = image.convert("RGBA")
        return PIL.Image.alpha_composite(PIL.Image.new("RGBA", clear.size, _WHITE), clear).convert(
            "RGB"
        )
    return image.convert("RGB")


def _from_deep_greys(image: Image) -> Image:
    """Greys of 16 bits, which Pillow's own conversion would cut off at 255."""
    import PIL.Image

    greys = np.asarray(image)
    if greys.dtype != np.uint16 and (greys.min() < 0 or greys.max() > 0xFFFF):
        raise ValueError(
            f"expected greys from 0 to 65,535, found {greys.min():,} to {greys.max():,}"
        )
    halves = (greys >> 8).astype(np.uint8)
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        halves[greys == clear] = 255
    return PIL.Image.fromarray(halves)
