from __future__ import annotations

import functools
from pathlib import Path

import pytest
import torch
from PIL import Image
from tests.images.pictures import save

from vartai.data import captions
from vartai.data.caption_options import CaptionTableOptions
from vartai.data.captions import (
    CaptionedPictures,
    read_captions,
    require_enough_captions,
    split_captions,
)
from vartai.data.rejects import Rejects
from vartai.errors import InputError, OptionError
from vartai.images.opening import read_picture

OPEN = functools.partial(read_picture, size=8)


def read(
    table: Path, options: CaptionTableOptions | None = None, *, need_caption: bool = True
) -> tuple[CaptionedPictures, Rejects, list[str]]:
    options = options or CaptionTableOptions()
    return read_captions(str(table), options, open_file=OPEN, need_caption=need_caption)


def folder(tmp_path: Path, rows: str, pictures: int = 3) -> Path:
    (tmp_path / "images").mkdir()
    for n in range(pictures):
        save(tmp_path / "images" / f"{n}.png", (n, 2 * n, 100))
    table = tmp_path / "captions.csv"
    table.write_text(rows, encoding="utf-8")
    return table


def test_rows_of_one_picture_are_gathered_in_the_order_of_first_sight(tmp_path: Path) -> None:
    table = folder(
        tmp_path,
        "image,caption\nimages/2.png,a dog\nimages/0.png,a cat\nimages/2.png,the dog\n"
        "./images/0.png,šuo\n",
    )
    found, rejects, notes = read(table)
    assert [(item.image, item.line, item.captions) for item in found.items] == [
        ("images/2.png", 2, ("a dog", "the dog")),
        ("images/0.png", 3, ("a cat", "šuo")),
    ]
    assert found.inputs.shape == (2, 3, 8, 8)
    assert found.inputs[:, :, 0, 0].tolist() == [[2, 4, 100], [0, 0, 100]]
    assert len(rejects) == 0
    assert notes == [
        "The first row is read as the names of the columns (guessed).",
        "Column 'image' is read as the image (guessed from its name).",
        "Column 'caption' is read as the caption (guessed from its name).",
    ]


def test_a_path_is_seen_from_the_folder_of_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tables").mkdir()
    save(tmp_path / "outside.png")
    table = tmp_path / "tables" / "t.tsv"
    table.write_text(f"path\ttext\n../outside.png\ta\n{tmp_path}/outside.png\tb\n")
    monkeypatch.chdir("/")
    found, rejects, _ = read(table)
    assert [item.captions for item in found.items] == [("a", "b")]
    assert len(rejects) == 0


def test_pictures_that_cannot_be_used_are_rejected_row_by_row_and_the_rest_goes_on(
    tmp_path: Path,
) -> None:
    table = folder(
        tmp_path,
        "image,caption\nimages/0.png,good\nimages/9.png,lost\nimages/9.png,lost again\n"
        "text.png,no picture\ncut.png,cut\nhttps://example.org/a.png,far\nimages/1.png,\n"
        ",no path\nimages,a folder\n" + "x" * 300 + ",long\nimages/1.png,good too\n",
    )
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "cut.png").write_bytes((tmp_path / "images" / "0.png").read_bytes()[:50])
    found, rejects, _ = read(table)
    assert [item.captions for item in found.items] == [("good",), ("good too",)]
    assert [(each.line, each.column, each.reason) for each in rejects] == [
        (3, "image", "missing picture"),
        (4, "image", "missing picture"),
        (5, "image", "unreadable picture"),
        (6, "image", "unreadable picture"),
        (7, "image", "missing picture"),
        (8, "caption", "empty text"),
        (9, "image", "empty text"),
        (10, "image", "unreadable picture"),
        (11, "image", "missing picture"),
    ]
    details = {each.line: each.detail for each in rejects}
    assert details[3] == f"there is no file {tmp_path}/images/9.png"
    assert details[7] == "expected a path, found an address"
    assert "File name too long" in details[11]
    with pytest.raises(InputError, match="found 2 of 11 rows usable .*4 × missing picture"):
        require_enough_captions(found, rejects)


def test_a_picture_is_opened_once(tmp_path: Path) -> None:
    table = folder(tmp_path, "image,caption\nimages/0.png,a\nimages/0.png,b\nno.png,c\nno.png,d\n")
    opened = []

    def open_file(path: Path) -> object:
        opened.append(path.name)
        return OPEN(path)

    options = CaptionTableOptions()
    read_captions(str(table), options, open_file=open_file, need_caption=True)  # type: ignore[arg-type]
    assert opened == ["0.png"]


def test_more_pictures_than_memory_is_meant_for_end_the_reading_with_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = folder(tmp_path, "image,caption\nimages/0.png,a\nimages/1.png,b\nimages/0.png,c\n")
    monkeypatch.setattr(captions, "MOST_BYTES", 2 * 3 * 8 * 8)
    assert len(read(table)[0].items) == 2
    monkeypatch.setattr(captions, "MOST_BYTES", 2 * 3 * 8 * 8 - 1)
    with pytest.raises(InputError, match=r"line 3.*at most 383 bytes, found more with 2 of them"):
        read(table)


def test_moving_pictures_are_noted_a_few_times_and_then_counted(tmp_path: Path) -> None:
    frames = [Image.new("L", (8, 8), shade) for shade in (0, 255)]
    for n in range(5):
        frames[0].save(tmp_path / f"{n}.gif", save_all=True, append_images=frames[1:])
    table = tmp_path / "t.csv"
    table.write_text("image,caption\n" + "".join(f"{n}.gif,a\n" for n in range(5)))
    _, _, notes = read(table)
    assert sum("the first one is read" in note for note in notes) == 3
    assert notes[-1] == "The same holds of 2 more pictures."


def test_columns_that_are_not_there_are_named(tmp_path: Path) -> None:
    table = folder(tmp_path, "photo,words\nimages/0.png,a\n")
    with pytest.raises(InputError, match="which column holds the caption; found 'photo', 'words'"):
        read(table, CaptionTableOptions(header=True))
    with pytest.raises(InputError, match="expected a column 'wrds', .* Did you mean 'words'"):
        read(table, CaptionTableOptions(caption="wrds", header=True))
    found, _, _ = read(table, CaptionTableOptions(caption="words", header=True))
    assert found.items[0].captions == ("a",)
    with pytest.raises(OptionError, match="cannot be both image and caption"):
        CaptionTableOptions(image="a", caption="a")


def test_without_need_of_captions_their_column_may_be_missing(tmp_path: Path) -> None:
    table = folder(tmp_path, "image\nimages/0.png\nimages/1.png\n")
    found, _, _ = read(table, CaptionTableOptions(header=True), need_caption=False)
    assert [item.captions for item in found.items] == [(), ()]
    require_enough_captions(found, Rejects())


def test_a_split_keeps_a_picture_on_one_side_even_under_two_names(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    rows = []
    for n in range(30):
        for name in (f"a{n}.png", f"b{n}.png"):
            save(tmp_path / "images" / name, (n, n, n))
            rows.append(f"images/{name},shade {n}\n")
    (tmp_path / "t.csv").write_text("image,caption\n" + "".join(rows))
    found, _, _ = read(tmp_path / "t.csv")
    parts = split_captions(found, fractions=(0.6, 0.2, 0.2), seed=1)
    assert sum(map(len, parts)) == 60
    shades = [set(part.inputs[:, 0, 0, 0].tolist()) for part in parts]
    assert all(shades)
    assert not shades[0] & shades[1] | shades[0] & shades[2] | shades[1] & shades[2]
    again = split_captions(found, fractions=(0.6, 0.2, 0.2), seed=1)
    assert [part.items for part in again] == [part.items for part in parts]


def test_too_few_pictures_to_split_are_said_to_be_too_few(tmp_path: Path) -> None:
    table = folder(tmp_path, "image,caption\nimages/0.png,a\n")
    found, _, _ = read(table)
    with pytest.raises(InputError, match="expected enough different pictures to split 1 by"):
        split_captions(found, fractions=(0.8, 0.1, 0.1), seed=1)


def test_flickr8k_is_read_whole(data_dir: Path) -> None:
    options = CaptionTableOptions()
    found, rejects, _ = read(data_dir / "flickr8k" / "dev.csv", options)
    assert len(found) == 1_000
    assert len(rejects) == 0
    assert {len(item.captions) for item in found.items} == {5}
    assert torch.unique(found.inputs).numel() == 256
