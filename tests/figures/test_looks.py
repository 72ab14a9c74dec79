from __future__ import annotations

import base64
import io
import json
import sys

import numpy as np
import pytest
from PIL import Image

from vartai.errors import MissingExtra, OptionError
from vartai.figures import painted
from vartai.figures.looks import attended_picture
from vartai.figures.painted import paint_looks
from vartai.figures.png import png_address, png_bytes

PICTURE = np.random.default_rng(1).integers(0, 256, (3, 16, 16), dtype=np.uint8)
WORDS = ["a", "šuo", "<b>", ""]
WEIGHTS = np.array([[0.1, 0.2, 0.3, 0.4], [1.0, 0, 0, 0], [0.25] * 4, [0, 0, 0.5, 0.5]])


def test_pixels_survive_a_png() -> None:
    read = np.asarray(Image.open(io.BytesIO(png_bytes(PICTURE)), formats=("PNG",)))
    assert np.array_equal(read.transpose(2, 0, 1), PICTURE)
    start, _, data = png_address(PICTURE).partition(",")
    assert start == "data:image/png;base64"
    assert base64.b64decode(data) == png_bytes(PICTURE)


def test_other_pixels_are_no_png() -> None:
    with pytest.raises(OptionError, match=r"\[3, height, width\] of type uint8, found \[16, 16\]"):
        png_bytes(PICTURE[0])
    with pytest.raises(OptionError, match="found .* of type float64"):
        png_bytes(PICTURE / 2)


def test_each_word_has_the_picture_and_its_own_shares_over_it() -> None:
    figure = attended_picture(picture=PICTURE, words=WORDS, weights=WEIGHTS)
    json.dumps(figure, allow_nan=False)
    assert [trace["z"] for trace in figure["data"]] == WEIGHTS.reshape(4, 2, 2).tolist()
    assert [trace["zmax"] for trace in figure["data"]] == [0.4, 1.0, 0.25, 0.5]
    layout = figure["layout"]
    assert [note["text"] for note in layout["annotations"]] == ["a", "šuo", "&lt;b&gt;", "(end)"]
    assert {image["source"] for image in layout["images"]} == {png_address(PICTURE)}
    names = [(trace["xaxis"], trace["yaxis"]) for trace in figure["data"]]
    assert names == [("x", "y"), ("x2", "y2"), ("x3", "y3"), ("x4", "y4")]
    assert [(image["xref"], image["yref"]) for image in layout["images"]] == names
    # The first row of places is above: the axis of rows runs downwards.
    assert layout["yaxis2"]["range"] == [1.5, -0.5]


def test_many_words_take_several_rows_that_do_not_overlap() -> None:
    layout = attended_picture(picture=PICTURE, words=["w"] * 14, weights=np.full((14, 4), 0.25))[
        "layout"
    ]
    domains = [layout[f"yaxis{n or ''}"]["domain"] for n in (0, 7, 13)]
    assert domains[0][0] > domains[1][1] > domains[1][0] > domains[2][1]


def shades(words: list[str], weights: np.ndarray) -> np.ndarray:
    data = paint_looks(picture=PICTURE, words=words, weights=weights).data
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"), dtype=float)


def test_on_the_sheet_a_place_is_the_lighter_the_more_it_was_looked_at() -> None:
    plain = np.full((3, 16, 16), 200, dtype=np.uint8)
    weights = np.array([[0.0, 0.25, 0.5, 0.25]])
    sheet = paint_looks(picture=plain, words=["x"], weights=weights)
    grey = np.asarray(Image.open(io.BytesIO(sheet.data)).convert("L"))
    middles = [grey[6 + y, 6 + x] for y in (40, 120) for x in (40, 120)]
    assert middles == [40, 120, 200, 120]
    assert grey[6 + 82, 6 + 40] == 200  # inside the frame
    assert grey[6 + 80, 6 + 40] == 255  # the frame around the third place
    assert grey[6 + 1, 6 + 40] == 40  # none around the first


def test_a_sheet_grows_by_rows_and_each_word_is_written() -> None:
    one = shades(["a"], WEIGHTS[:1])
    many = shades(["a"] * 7, np.repeat(WEIGHTS[:1], 7, 0))
    assert one.shape == (190, 172)
    assert many.shape == (374, 1002)
    other = shades(["šuo"], WEIGHTS[:1])
    assert np.array_equal(one[:166], other[:166])
    assert not np.array_equal(one[166:], other[166:])


def test_letters_that_no_font_has_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(painted, "_FONTS", ())  # Pillow's own font is left
    english, other = (
        paint_looks(picture=PICTURE, words=[word], weights=WEIGHTS[:1]) for word in ("dog", "šuo!")
    )
    assert english.notes == ()
    assert len(other.notes) == 1
    assert other.notes[0].startswith("No font here can write š; boxes stand in the picture.")


@pytest.mark.parametrize("make", [attended_picture, paint_looks])
def test_weights_that_do_not_fit_are_refused(make: object) -> None:
    for words, weights, message in [
        (["a"], WEIGHTS, "words 1, rows of weights 4"),
        (["a"], np.ones((1, 5)) / 5, "5 places lie in no square"),
        ([], np.ones((0, 4)), r"\[words, places\], found \[0, 4\]"),
        (["a"], np.full((1, 4), np.nan), "finite and not below zero"),
    ]:
        with pytest.raises(OptionError, match=message):
            make(picture=PICTURE, words=words, weights=weights)  # type: ignore[operator]


def test_without_pillow_the_line_to_type_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtra, match=r"pip install 'vartai\[images\]'"):
        paint_looks(picture=PICTURE, words=["a"], weights=WEIGHTS[:1])
