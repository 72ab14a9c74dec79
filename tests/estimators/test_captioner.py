"""`vartai.Captioner`: the options of the command line, and a trained model in Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import vartai
from vartai import Captioner, InputError, OptionError
from vartai.data.scenes import generate

SCENES = generate(12, seed=6, grid=4)
PICTURES = [scene.picture.numpy() for scene in SCENES]
CAPTIONS = [scene.caption for scene in SCENES]
SMALL: dict[str, Any] = {
    "picture_size": 64,
    "places": 4,
    "width": 4,
    "annotation_size": 6,
    "hidden_size": 6,
    "embedding_size": 6,
    "attention_size": 4,
    "min_frequency": 1,
    "max_tokens": 30,
    "epochs": 1,
    "beam": 2,
    "threads": 1,
    "valid_share": 0.2,
    "device": "cpu",
}


def test_it_learns_describes_scores_and_comes_back(tmp_path: Path) -> None:
    several = [[text, "some things"] for text in CAPTIONS]
    captioner = Captioner(**SMALL).fit(PICTURES, several)
    found = captioner.predict(PICTURES[:3])
    assert len(found) == 3
    assert 0 <= captioner.score(PICTURES[:3], several[:3]) <= 100
    assert len(captioner.history_) == 1
    captioner.save(tmp_path / "model")
    loaded = vartai.load(tmp_path / "model")
    assert isinstance(loaded, Captioner)
    assert loaded.predict(PICTURES[:3]) == found
    assert loaded.get_params() == {**captioner.get_params()}
    assert "picture_size: 64" not in loaded.card_
    assert "64 pixels" in loaded.card_


def test_a_path_is_as_good_as_its_pixels_and_tells_where_it_looked(tmp_path: Path) -> None:
    captioner = Captioner(**SMALL).fit(PICTURES, CAPTIONS, valid=(PICTURES[:2], CAPTIONS[:2]))
    path = tmp_path / "scene.png"
    Image.fromarray(PICTURES[0].transpose(1, 2, 0)).save(path)
    assert captioner.predict([path, PICTURES[0]]) == [captioner.predict([str(path)])[0]] * 2
    looks = captioner.looks(path, "a red circle")
    assert looks.words == ["a", "red", "circle", ""]
    np.testing.assert_allclose(np.array(looks.weights).sum(1), np.ones(4), rtol=1e-5)
    assert captioner.looks(path).words[-1] == ""


@pytest.mark.parametrize(
    ("pictures", "captions", "told"),
    [
        (PICTURES[:2], ["c"], "y: expected captions of each picture, found 2 pictures and"),
        (PICTURES[:2], ["c", " "], r"y\[1\]: expected a caption, found none or only blanks"),
        (PICTURES[:2], ["c", []], r"y\[1\]: expected at least one text, found none"),
        ([PICTURES[0], None], ["c", "d"], r"X\[1\]: expected a path or an array, found None"),
        ([PICTURES[0][:, :9]], ["c"], r"X\[0\]: expected pixels \[3, 64, 64\] of type uint8, fo"),
        ("one.png", ["c"], "X: expected pictures, found 'one.png'"),
        (["none.png"], ["c"], "none.png: there is no such file"),
    ],
)
def test_what_is_no_captioned_picture_is_refused(pictures: Any, captions: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        Captioner(**SMALL).fit(pictures, captions)


def test_arrays_of_any_layout_are_pixels() -> None:
    captioner = Captioner(**SMALL).fit(PICTURES, CAPTIONS)
    backwards = np.ascontiguousarray(PICTURES[0][::-1])[::-1]
    assert captioner.predict([backwards]) == captioner.predict([PICTURES[0]])
    with pytest.raises(InputError, match=r"X\[0\]: expected numbers, found an array of type obj"):
        captioner.predict([PICTURES[0].astype(object)])
    with pytest.raises(InputError, match="caption: expected a text, found 5"):
        captioner.looks(PICTURES[0], 5)  # type: ignore[arg-type]


def test_annotations_are_finite_and_there_are_some() -> None:
    given = {**SMALL, "encoder": "given"}
    annotations = list(np.random.default_rng(0).standard_normal((12, 4, 3)).astype(">f4"))
    captioner = Captioner(**given).fit(annotations, CAPTIONS)
    for wrong, told in (
        (np.full((4, 3), np.nan), "expected finite numbers"),
        (np.zeros((0, 3)), r"expected annotations \[places, numbers\]"),
    ):
        with pytest.raises(InputError, match=told):
            captioner.predict([wrong])
    with pytest.raises(InputError, match="cannot be read: embedded null"):
        captioner.predict(["a\0.npy"])


def test_what_is_noticed_of_a_picture_is_said(tmp_path: Path) -> None:
    frames = [Image.fromarray(picture.transpose(1, 2, 0)) for picture in PICTURES[:2]]
    path = tmp_path / "moving.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    captioner = Captioner(**SMALL).fit([path, *PICTURES[1:]], CAPTIONS)
    assert any("holds several pictures" in said for said in captioner.notes_)
    with pytest.warns(UserWarning, match="holds several pictures"):
        captioner.predict([path])


def test_an_option_out_of_bounds_is_refused_by_fit() -> None:
    with pytest.raises(OptionError, match="unknown attention 'x'"):
        Captioner(**{**SMALL, "attention": "x"}).fit(PICTURES, CAPTIONS)
