from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tests.images.pictures import save
from torch import Tensor

from vartai.data.annotating import write_annotations
from vartai.data.caption_options import CaptionTableOptions
from vartai.data.captions import read_captions
from vartai.errors import RunError, SaveError
from vartai.images.features import read_annotations


def annotate(pictures: Tensor) -> Tensor:
    """Four places of two numbers: the red of the picture and the place."""
    red = pictures[:, 0, 0, 0].float()
    places = torch.arange(4.0)
    return torch.stack((red[:, None].expand(-1, 4), places.expand(len(red), -1)), -1)


def table(tmp_path: Path) -> Path:
    for n in range(3):
        save(tmp_path / f"{n}.png", (50 * n, 0, 0))
    path = tmp_path / "t.csv"
    path.write_text(
        'image,caption\n1.png,"one, two"\nno.png,x\n2.png,two\n1.png,šuo\n', encoding="utf-8"
    )
    return path


def test_the_table_that_is_written_is_read_as_annotations_with_the_same_captions(
    tmp_path: Path,
) -> None:
    options = CaptionTableOptions()
    written, rejects, _ = write_annotations(
        str(table(tmp_path)), options, tmp_path / "a", annotate=annotate, picture_size=8
    )
    assert [each.reason for each in rejects] == ["missing picture"]
    found, lost, _ = read_captions(
        str(written),
        options,
        open_file=lambda path: read_annotations(path, shape=(4, 2)),
        need_caption=True,
    )
    assert len(lost) == 0
    assert [item.captions for item in found.items] == [("one, two", "šuo"), ("two",)]
    assert found.inputs[:, 3].tolist() == [[50.0, 3.0], [100.0, 3.0]]


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    options = CaptionTableOptions()
    with pytest.raises(RunError, match=r"1\.png: an annotation is beyond what float16 holds"):
        write_annotations(
            str(table(tmp_path)),
            options,
            tmp_path / "a",
            annotate=lambda pictures: annotate(pictures) + 1e6,
            picture_size=8,
        )
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveError, match="could not be written"):
        write_annotations(
            str(table(tmp_path)), options, tmp_path / "file", annotate=annotate, picture_size=8
        )
