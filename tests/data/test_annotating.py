from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tests.images.pictures import save
from torch import Tensor

from vartai.data.annotating import Annotated, annotate_picture, write_features
from vartai.data.caption_options import CaptionTableOptions
from vartai.data.captions import has_captions, read_captions
from vartai.data.features import Origin, feature_table, find_origin, read_origin
from vartai.errors import InputError, OptionError, SaveError
from vartai.images.features import read_annotations

ORIGIN = Origin(encoder="own:red", weights="file:" + "0" * 64, picture_size=8, places=4, numbers=2)
OPTIONS = CaptionTableOptions()


def annotate(pictures: Tensor) -> Tensor:
    """Four places of two numbers: the red of the picture and the place."""
    red = pictures[:, 0, 0, 0].float()
    places = torch.arange(4.0)
    return torch.stack((red[:, None].expand(-1, 4), places.expand(len(red), -1)), -1)


class Counted:
    """As `annotate`, and how often."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.times = 0
        self._stop_at = stop_at

    def __call__(self, pictures: Tensor) -> Tensor:
        if self.times == self._stop_at:
            raise KeyboardInterrupt
        self.times += 1
        return annotate(pictures)


def table(tmp_path: Path) -> Path:
    for n in range(3):
        save(tmp_path / f"{n}.png", (50 * n, 0, 0))
    path = tmp_path / "t.csv"
    path.write_text(
        'image,caption\n1.png,"one, two"\nno.png,x\n2.png,two\n1.png,šuo\n', encoding="utf-8"
    )
    return path


def written(path: Path, folder: Path, encoder: object = annotate, **how: object) -> Annotated:
    given = {"origin": ORIGIN, "need_caption": True} | how
    return write_features(str(path), OPTIONS, folder, annotate=encoder, **given)  # type: ignore[arg-type]


def names(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def test_the_table_that_is_written_is_read_as_annotations_with_the_same_captions(
    tmp_path: Path,
) -> None:
    made = written(table(tmp_path), tmp_path / "a")
    assert [each.reason for each in made.rejects] == ["missing picture"]
    assert (made.pictures, made.computed, made.found, made.captions) == (2, 2, 0, 3)
    assert "no.png" in (tmp_path / "a" / "t.rejects.jsonl").read_text(encoding="utf-8")
    found, lost, _ = read_captions(
        str(feature_table(tmp_path / "a")),
        OPTIONS,
        open_file=lambda path: read_annotations(path, shape=(4, 2)),
        need_caption=True,
    )
    assert len(lost) == 0
    assert [item.captions for item in found.items] == [("one, two", "šuo"), ("two",)]
    assert found.inputs[:, 3].tolist() == [[50.0, 3.0], [100.0, 3.0]]
    assert "annotations/" in made.table.read_text(encoding="utf-8")
    assert made.table.read_text(encoding="utf-8").splitlines()[-1].endswith(",two,2.png")
    for place in (tmp_path / "a", made.table, tmp_path / "a" / "annotations" / "x.npy"):
        assert find_origin(place) == ORIGIN
    assert find_origin(tmp_path) is None


def test_a_run_that_was_stopped_leaves_whole_files_and_goes_on(tmp_path: Path) -> None:
    path, folder = table(tmp_path), tmp_path / "a"
    with pytest.raises(KeyboardInterrupt):
        written(path, folder, Counted(stop_at=1))
    left = names(folder)
    assert [each.split("/")[0] for each in left] == ["annotations", "features.json"]
    read_annotations(folder / left[0], shape=(4, 2))
    with pytest.raises(InputError, match="no whole table; vartai features was stopped"):
        feature_table(folder)
    encoder = Counted()
    made = written(path, folder, encoder)
    assert (encoder.times, made.computed, made.found) == (1, 1, 1)
    again = Counted()
    assert written(path, folder, again).pictures == 2
    assert again.times == 0


def test_a_damaged_file_is_computed_again_and_that_is_said(tmp_path: Path) -> None:
    path, folder = table(tmp_path), tmp_path / "a"
    written(path, folder)
    victim = next((folder / "annotations").iterdir())
    whole = victim.read_bytes()
    victim.write_bytes(whole[:-1])
    made = written(path, folder)
    assert (made.computed, made.found) == (1, 1)
    assert any("cut short" in note and "computed again" in note for note in made.notes)
    assert victim.read_bytes() == whole


def test_a_picture_under_two_names_is_annotated_once(tmp_path: Path) -> None:
    path = table(tmp_path)
    shutil.copy(tmp_path / "1.png", tmp_path / "same.png")
    path.write_text("image,caption\n1.png,one\nsame.png,two\n2.png,x\n", encoding="utf-8")
    encoder = Counted()
    made = written(path, tmp_path / "a", encoder)
    assert (encoder.times, made.pictures, made.alike, made.captions) == (2, 2, 1, 3)


def test_pictures_without_captions_are_listed_alone(tmp_path: Path) -> None:
    table(tmp_path)
    path = tmp_path / "p.csv"
    path.write_text("image,other\n1.png,a\n2.png,b\n", encoding="utf-8")
    assert not has_captions(str(path), OPTIONS)
    assert has_captions(str(tmp_path / "t.csv"), OPTIONS)
    made = written(path, tmp_path / "a", need_caption=False)
    lines = made.table.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "image,picture"
    assert (len(lines), made.captions) == (3, 0)


def test_two_tables_share_a_folder_and_then_one_must_be_named(tmp_path: Path) -> None:
    path, folder = table(tmp_path), tmp_path / "a"
    written(path, folder)
    other = tmp_path / "u.csv"
    shutil.copy(path, other)
    assert written(other, folder).computed == 0
    with pytest.raises(InputError, match="several tables, t.csv, u.csv: name one"):
        feature_table(folder)
    assert feature_table(folder / "u.csv") == folder / "u.csv"


def test_a_table_with_other_rows_is_replaced_and_that_is_said(tmp_path: Path) -> None:
    path, folder = table(tmp_path), tmp_path / "a"
    written(path, folder)
    assert not any("replaced" in note for note in written(path, folder).notes)
    path.write_text("image,caption\n2.png,another\n", encoding="utf-8")
    assert f"{folder / 't.csv'} was there with other rows, and is replaced." in (
        written(path, folder).notes
    )


def test_another_encoder_or_other_files_need_another_folder(tmp_path: Path) -> None:
    path, folder = table(tmp_path), tmp_path / "a"
    written(path, folder)
    for change in ({"weights": "file:" + "1" * 64}, {"picture_size": 16}, {"encoder": "own:x"}):
        with pytest.raises(OptionError, match="features of another encoder, own:red .* now it is"):
            written(path, folder, origin=replace(ORIGIN, **change))  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="not empty and holds no features"):
        written(path, tmp_path)
    with pytest.raises(OptionError, match="lies where its features would"):
        written(folder / "t.csv", folder)


def test_what_cannot_be_kept_or_written_is_told(tmp_path: Path) -> None:
    path = table(tmp_path)
    with pytest.raises(InputError, match=r"an annotation of it is beyond what float16 holds"):
        written(path, tmp_path / "a", lambda pictures: annotate(pictures) + 1e6)
    with pytest.raises(InputError, match=r"p: an annotation of it is no finite number"):
        annotate_picture(
            lambda pictures: annotate(pictures) * torch.nan,
            torch.zeros(3, 8, 8, dtype=torch.uint8),
            file="p",
        )
    with pytest.raises(OptionError, match=r"expected annotations \[4, 2\] of own:red, found \[3"):
        written(path, tmp_path / "a", lambda pictures: annotate(pictures)[:, 1:])
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveError, match="file: cannot be written"):
        written(path, tmp_path / "file")


def test_too_little_that_can_be_used_stops_it_but_what_is_computed_stays(tmp_path: Path) -> None:
    path = table(tmp_path)
    path.write_text("image,caption\n1.png,a\nx.png,b\ny.png,c\n", encoding="utf-8")
    with pytest.raises(InputError, match="found 1 of 3 rows usable"):
        written(path, tmp_path / "a")
    assert len(list((tmp_path / "a" / "annotations").iterdir())) == 1
    assert len((tmp_path / "a" / "t.rejects.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": "x"}, "expected a JSON object with format 'vartai features'"),
        ({"version": 2}, "expected version 1, found 2"),
        ({"places": "4"}, "expected places of type int, found '4'"),
        ({"places": True}, "expected places of type int, found True"),
        ({"numbers": 1 << 40}, "numbers must be from 1 to 16,384"),
        ({"weights": "file:xyz"}, "64 hexadecimal digits"),
        ({"encoder": "timm:../../x"}, "pretrained must be torchvision:NETWORK"),
        ({"encoder": None}, "expected encoder of type str, found None"),
    ],
)
def test_a_description_that_cannot_be_trusted_is_refused(
    change: dict[str, object], told: str, tmp_path: Path
) -> None:
    written(table(tmp_path), tmp_path / "a")
    place = tmp_path / "a" / "features.json"
    found = json.loads(place.read_text(encoding="utf-8"))
    place.write_text(json.dumps(found | change), encoding="utf-8")
    with pytest.raises(InputError, match=f"features.json: .*{told}"):
        read_origin(tmp_path / "a")


@pytest.mark.parametrize("raw", [b"{", b"\xff", b"[" * 9_000, b" " * 20_000], ids=range(4))
def test_a_description_that_is_none_is_refused(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "features.json").write_bytes(raw)
    with pytest.raises(InputError, match=r"features\.json"):
        read_origin(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    path, folder = table(tmp_path), tmp_path / "a"
    written(path, folder)
    shutil.rmtree(folder / "annotations")
    (folder / "annotations").write_text("in the way")
    with pytest.raises(SaveError, match="cannot be written"):
        written(path, folder)
