"""A folder of features: annotations that an encoder made of pictures, once, and what made them.

features/features.json              the encoder, its weights, what it was shown, what it gave
features/annotations/DIGEST.npy     [places, numbers], float16; named by the bytes of the picture
features/captions.csv               the table again, with these in the place of the pictures
features/captions.rejects.jsonl     its rows that could not be used, if there are any

A table is there when all its pictures are. Every file appears under its name only when it is whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from vartai.errors import InputError, OptionError, SaveError
from vartai.images.options import PictureOptions
from vartai.images.sizes import LARGEST_SIZE, MOST_NUMBERS, MOST_POSITIONS

DESCRIPTION, ANNOTATIONS = "features.json", "annotations"
FORMAT, VERSION = "vartai features", 1
_MOST_BYTES = 10_000
_BOUNDS = {"picture_size": LARGEST_SIZE, "places": MOST_POSITIONS, "numbers": MOST_NUMBERS}


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What made the annotations of a folder.

    Attributes:
        encoder: ``torchvision:NETWORK``, ``timm:NETWORK``, or ``own:NAME`` for another one.
        weights: ``library:`` or ``file:``, whosever they were, and the SHA-256 of its weights.
        picture_size: pixels a side of the pictures that it was shown.
        places: of a picture.
        numbers: of a place.
    """

    encoder: str
    weights: str
    picture_size: int
    places: int
    numbers: int

    def __post_init__(self) -> None:
        # Strings that go on a command line and into a saved model, sizes that memory is made of.
        PictureOptions(pretrained=self.encoder, pretrained_weights=self.weights)
        for name, most in _BOUNDS.items():
            if not 1 <= getattr(self, name) <= most:
                raise OptionError(f"{name} must be from 1 to {most:,}, was {getattr(self, name)}")

    def __str__(self) -> str:
        owner, _, digest = self.weights.partition(":")
        whose = "its library's weights" if owner == "library" else "weights of a file"
        return (
            f"{self.encoder} with {whose} (SHA-256 {digest[:12]}…), pictures of "
            f"{self.picture_size} pixels, {self.places} places × {self.numbers} numbers"
        )


def read_origin(folder: Path) -> Origin:
    """What made the annotations of a folder.

    Raises:
        InputError: the description is missing, damaged or of another version.
    """
    path = folder / DESCRIPTION
    file = str(path)
    try:
        with path.open("rb") as opened:
            raw = opened.read(_MOST_BYTES + 1)
        found = json.loads(raw.decode("utf-8")) if len(raw) <= _MOST_BYTES else None
    except FileNotFoundError as error:
        raise InputError(f"holds no {DESCRIPTION}, so no features", file=str(folder)) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=file) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"is not the JSON expected: {error}", file=file) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise InputError(f"expected a JSON object with format {FORMAT!r}", file=file)
    if found.get("version") != VERSION:
        raise InputError(
            f"expected version {VERSION}, found {found.get('version')!r:.40}", file=file
        )
    return _origin(found, file)


def _origin(found: Mapping[str, Any], file: str) -> Origin:
    values: dict[str, Any] = {}
    for field in fields(Origin):
        kind = int if field.name in _BOUNDS else str
        value = found.get(field.name)
        if type(value) is not kind:
            raise InputError(
                f"expected {field.name} of type {kind.__name__}, found {value!r:.60}", file=file
            )
        values[field.name] = value
    try:
        return Origin(**values)
    except OptionError as error:
        raise InputError(str(error), file=file) from error


def find_origin(path: Path) -> Origin | None:
    """What made a folder of features, if this is one, a table in one, or one of its annotations.

    Raises:
        InputError: there is a description, and it cannot be read.
    """
    for folder in (path, path.parent, path.parent.parent):
        if (folder / DESCRIPTION).is_file():
            return read_origin(folder)
    return None


def begin_features(folder: Path, origin: Origin) -> None:
    """Make the folder, or go on in one that the same encoder began.

    Raises:
        OptionError: another encoder began it, or something else lies there.
        SaveError: it cannot be written.
    """
    try:
        if (folder / DESCRIPTION).exists():
            before = read_origin(folder)
            if before != origin:
                raise OptionError(
                    f"{folder} holds features of another encoder, {before}; now it is {origin}. "
                    "Each needs a folder of its own"
                )
        elif folder.exists() and any(folder.iterdir()):
            raise OptionError(f"{folder} is not empty and holds no features; choose another --out")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps({"format": FORMAT, "version": VERSION, **asdict(origin)}, indent=2)
            write_whole(folder / DESCRIPTION, f"{text}\n".encode())
        (folder / ANNOTATIONS).mkdir(exist_ok=True)
    except OSError as error:
        raise SaveError(f"{folder}: cannot be written: {error.strerror}") from error


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that appears under its name only when it is whole, Ctrl-C or not."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def feature_table(path: Path) -> Path:
    """The table of a folder of features; a table stays what it is.

    Raises:
        InputError: the folder is none of features, or has no whole table, or several.
    """
    if not path.is_dir():
        return path
    if not (path / DESCRIPTION).exists():
        raise InputError(
            "is a folder, and not one of features; expected a table that names pictures",
            file=str(path),
        )
    found = sorted(each.name for each in path.glob("*.csv"))
    if len(found) != 1:
        what = (
            f"several tables, {', '.join(found)}: name one, such as {path / found[0]}"
            if found
            else "no whole table; vartai features was stopped, and goes on when it is typed again"
        )
        raise InputError(f"holds {what}", file=str(path))
    return path / found[0]
