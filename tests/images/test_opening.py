from __future__ import annotations

import os
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tests.images.pictures import BLUE, GREEN, RED, WHITE, corners, encoded, quarters

from vartai.errors import InputError, MissingExtra, OptionError
from vartai.images import opening
from vartai.images.opening import open_picture, read_picture


def test_a_picture_comes_as_red_green_and_blue_from_the_top_left(tmp_path: Path) -> None:
    path = tmp_path / "quarters.png"
    path.write_bytes(encoded(quarters()))
    pixels = open_picture(path, size=16)
    assert pixels.dtype == torch.uint8
    assert pixels.is_contiguous()
    assert corners(pixels) == [RED, GREEN, BLUE, WHITE]
    assert torch.equal(pixels, open_picture(str(path), size=16))
    assert torch.equal(pixels, open_picture(path.read_bytes(), size=16))


def test_of_a_wide_picture_the_middle_is_kept_and_scaled() -> None:
    wide = Image.new("RGB", (40, 16), RED)
    wide.paste(quarters(), (12, 0))
    assert corners(open_picture(encoded(wide), size=16)) == [RED, GREEN, BLUE, WHITE]
    assert corners(open_picture(encoded(wide.transpose(Image.Transpose.ROTATE_270)), size=16)) == [
        BLUE,
        RED,
        WHITE,
        GREEN,
    ]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_that_a_camera_took_turned_is_turned_back(kind: str, orientation: int) -> None:
    # What the camera stored, that its mark turns into the quarters.
    stored = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    image = quarters() if stored is None else quarters().transpose(stored)
    mark = Image.Exif()
    mark[0x0112] = orientation
    data = encoded(image, kind, exif=mark)
    found = open_picture(data, size=16).int()
    expected = open_picture(encoded(quarters()), size=16).int()
    assert (found - expected).abs().float().mean() < 12  # of 255; a lossy kind blurs the seams


def test_a_palette_is_looked_up() -> None:
    assert corners(open_picture(encoded(quarters().quantize(8)), size=16)) == [
        RED,
        GREEN,
        BLUE,
        WHITE,
    ]


def test_greys_are_three_equal_colours() -> None:
    grey = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16))
    pixels = open_picture(encoded(grey), size=16)
    assert torch.equal(pixels[0], torch.arange(256, dtype=torch.uint8).view(16, 16))
    assert torch.equal(pixels[0], pixels[2])
    assert open_picture(encoded(grey.convert("1")), size=16).unique().tolist() == [0, 255]


def test_of_greys_of_16_bits_the_upper_half_is_kept() -> None:
    deep = (np.arange(256, dtype=np.uint16) * 256 + 77).reshape(16, 16)
    for kind in ("PNG", "TIFF", "PPM"):
        pixels = open_picture(encoded(Image.fromarray(deep), kind), size=16)
        assert torch.equal(pixels[0], torch.arange(256, dtype=torch.uint8).view(16, 16)), kind


def test_pixels_of_no_known_range_are_refused() -> None:
    fractions = Image.fromarray(np.full((4, 4), 0.5, dtype=np.float32))
    with pytest.raises(InputError, match="fractions of no known range"):
        open_picture(encoded(fractions, "TIFF"), size=4)
    wide = Image.fromarray(np.full((4, 4), 200, dtype=np.int32))
    with pytest.raises(InputError, match=r"integers of 32 bits of no known range"):
        open_picture(encoded(wide, "TIFF"), size=4)


def test_cmyk_becomes_rgb() -> None:
    data = encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "TIFF")
    assert corners(open_picture(data, size=4))[0] == RED
    data = encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=95)
    red, green, blue = corners(open_picture(data, size=4))[0]
    assert red > 245
    assert green + blue < 20


def test_what_is_clear_shows_white() -> None:
    clear = quarters().convert("RGBA")
    clear.putpixel((0, 0), (*RED, 0))
    clear.putpixel((1, 0), (*RED, 128))
    pixels = open_picture(encoded(clear), size=16)
    assert tuple(pixels[:, 0, 0].tolist()) == WHITE
    assert tuple(pixels[:, 0, 1].tolist()) == (255, 127, 127)
    # A palette or a single colour may be the clear one.
    palette = quarters().quantize(8)
    hidden = palette.getpixel((0, 0))
    assert corners(open_picture(encoded(palette, transparency=hidden), size=16))[0] == WHITE
    data = encoded(quarters(), transparency=RED)
    assert corners(open_picture(data, size=16)) == [WHITE, GREEN, BLUE, WHITE]
    deep = Image.fromarray(np.array([[0, 513], [1025, 0]], dtype=np.uint16))
    greys = open_picture(encoded(deep, transparency=0), size=2)[0]
    assert greys.tolist() == [[255, 2], [4, 255]]


def test_of_a_moving_picture_the_first_frame_is_read_and_that_is_said() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, GREEN)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    opened = read_picture(data, size=8, file="moving.gif")
    assert corners(opened.values)[0] == RED
    assert opened.notes == (
        "moving.gif: holds several pictures, one after another; the first one is read.",
    )
    assert read_picture(encoded(frames[0], "GIF"), size=8).notes == ()


def test_a_moving_picture_that_ends_anywhere_is_read_or_refused() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in (RED, GREEN)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    refused = []
    for end in range(1, len(data)):
        try:
            read_picture(data[:end], size=8, file="torn.gif")
        except InputError as error:
            refused.append(str(error))
    assert any(told.startswith("torn.gif: the picture is damaged") for told in refused)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP", "PPM"])
def test_no_cut_off_picture_is_filled_up(kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    open_picture(data, size=8)
    for share in (0.02, 0.3, 0.6, 0.95):
        with pytest.raises(InputError, match=r"^cut: (the picture|is not a picture)"):
            read_picture(data[: int(len(data) * share)], size=8, file="cut")


def test_what_pillow_warns_of_is_a_note() -> None:
    data = bytearray(encoded(quarters(), "TIFF"))
    found = read_picture(bytes(data), size=4, file="odd.tif")
    assert found.notes == ()
    at = data.index(struct.pack("<HHI", 259, 3, 1))  # one compression
    data[at : at + 8] = struct.pack("<HHI", 259, 3, 2)
    notes = read_picture(bytes(data), size=4, file="odd.tif").notes
    assert len(notes) == 1
    assert notes[0].startswith("odd.tif: Pillow says: Metadata Warning, tag 259 had too many")


def test_any_byte_may_be_wrong_and_the_error_is_still_ours() -> None:
    random = np.random.default_rng(2)
    for kind in ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP"):
        whole = encoded(quarters(), kind)
        for _ in range(60):
            data = bytearray(whole)
            for at in random.integers(0, min(len(data), 200), size=3):
                data[at] = random.integers(256)
            try:
                found = open_picture(bytes(data), size=4)
            except InputError:
                continue
            assert found.shape == (3, 4, 4)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"p: the file is empty \(0 bytes\)"),
        (b"image,caption\n", r"p: is not a picture of a known kind \(BMP, .*69 6d 61 67"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture of a known kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture of a known kind"),
        (b"\x89PNG\r\n\x1a\n", "not a picture of a known kind|damaged"),
    ],
)
def test_what_is_no_picture_is_said_to_be_none(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_picture(data, size=8, file="p")


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises much."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [8_001, 9_700, 20_000, 2**31 - 1])
def test_a_bomb_is_refused_by_its_header(side: int) -> None:
    with pytest.raises(InputError, match=r"at most 64,000,000 pixels, found: .*nothing of it was"):
        open_picture(bomb(side, side), size=8)


def test_a_long_thin_picture_costs_no_more_than_its_pixels() -> None:
    thin = encoded(Image.new("RGB", (60_000, 1), RED))
    assert open_picture(thin, size=64).shape == (3, 64, 64)


def test_a_path_that_is_no_file_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere.png: there is no such file"):
        open_picture(tmp_path / "nowhere.png", size=8)
    with pytest.raises(InputError, match="is a folder"):
        open_picture(tmp_path, size=8)
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(InputError, match="is not an ordinary file"):
        open_picture(tmp_path / "pipe.png", size=8)
    with pytest.raises(InputError, match="cannot be read"):
        open_picture(tmp_path / ("x" * 300), size=8)
    with pytest.raises(InputError, match="cannot be read"):
        open_picture("a\0b", size=8)


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_BYTES", 100)
    (tmp_path / "big.png").write_bytes(b"x" * 101)
    with pytest.raises(InputError, match=r"at most 100 bytes, found 101"):
        open_picture(tmp_path / "big.png", size=8)
    with pytest.raises(InputError, match=r"picture: expected .* at most 100 bytes, found 101"):
        open_picture(b"x" * 101, size=8)


def test_a_size_out_of_bounds_is_refused() -> None:
    with pytest.raises(OptionError, match="size must be at least 1 and below 1025, was 0"):
        open_picture(encoded(quarters()), size=0)


def test_without_pillow_the_line_to_type_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(quarters())
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(MissingExtra, match=r"pip install 'vartai\[images\]'"):
        open_picture(data, size=8)
