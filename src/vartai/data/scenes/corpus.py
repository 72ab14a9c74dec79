"""Scenes drawn at random, all different, in three parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from vartai.data.captions import CaptionedPicture, CaptionedPictures
from vartai.data.scenes.drawing import Artist
from vartai.data.scenes.scene import COLOURS, SHAPES, Cell, Scene, Thing, describe
from vartai.errors import require_range

MOST_THINGS = 3


class DrawnScene(NamedTuple):
    """A picture with its sentence.

    Args:
        picture: ``[3, S, S]``, uint8, RGB; S is 16 × grid.
        caption: words with one blank between them.
        cells: one for each word: where its colour or shape is to be seen, None for other words.
    """

    picture: Tensor
    caption: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, eq=False)
class Scenes:
    """A part of a corpus.

    Args:
        captioned: the pictures with one caption each.
        cells: of each picture, as in `DrawnScene`.
        grid: cells a side.
    """

    captioned: CaptionedPictures
    cells: list[tuple[Cell | None, ...]]
    grid: int

    def __len__(self) -> int:
        return len(self.cells)


@dataclass(frozen=True, eq=False)
class SceneCorpus:
    """Three parts; no scene stands in two of them."""

    train: Scenes
    valid: Scenes
    test: Scenes


def generate(count: int, *, seed: int, grid: int) -> list[DrawnScene]:
    """Scenes of two or three things, no two alike.

    Args:
        count: how many.
        seed: decides everything.
        grid: cells a side, 3 to 8; a picture has 16 pixels a cell.

    Raises:
        OptionError: `grid` is out of bounds, or `count` above 100,000.

    Example:
        >>> scene = generate(1, seed=1, grid=4)[0]
        >>> tuple(scene.picture.shape), len(scene.cells) == len(scene.caption.split())
        ((3, 64, 64), True)
    """
    require_range("count", count, at_least=1, below=100_001)
    require_range("grid", grid, at_least=3, below=9)
    random = np.random.default_rng(seed)
    seen: dict[Scene, None] = {}
    while len(seen) < count:
        seen |= dict.fromkeys(_scenes(count - len(seen), random, grid))
    artist = Artist(grid, random)
    return [_drawn(scene, artist) for scene in seen]


def scene_corpus(*, train: int, valid: int, test: int, seed: int, grid: int) -> SceneCorpus:
    """A corpus as training wants it; the same seed gives the same one.

    Args:
        train: pictures to learn from.
        valid: pictures to choose the epoch by.
        test: pictures to judge by.
        seed: decides everything.
        grid: as in `generate`.

    Raises:
        OptionError: as `generate`.
    """
    scenes = generate(train + valid + test, seed=seed, grid=grid)
    parts = (scenes[:train], scenes[train : train + valid], scenes[train + valid :])
    named = zip(("train", "valid", "test"), parts, strict=True)
    return SceneCorpus(*(_part(name, part, grid) for name, part in named))


def _part(name: str, scenes: Sequence[DrawnScene], grid: int) -> Scenes:
    items = [
        CaptionedPicture(image=f"{name}/{n}", file=name, line=n, captions=(scene.caption,))
        for n, scene in enumerate(scenes, start=1)
    ]
    pixels = torch.stack([scene.picture for scene in scenes])
    captioned = CaptionedPictures(name, items, pixels)
    return Scenes(captioned, [scene.cells for scene in scenes], grid)


def _scenes(count: int, random: np.random.Generator, grid: int) -> list[Scene]:
    """Some of them may be alike."""
    numbers = random.integers(2, MOST_THINGS + 1, size=count)
    cells, colours, shapes = (
        random.random((count, many)).argsort(1)[:, :MOST_THINGS].tolist()
        for many in (grid * grid, len(COLOURS), len(SHAPES))
    )
    scenes = []
    for number, places, tints, forms in zip(numbers, cells, colours, shapes, strict=True):
        things = [
            Thing(Cell(*divmod(place, grid)), COLOURS[tint], SHAPES[form])
            for place, tint, form in zip(places, tints, forms, strict=True)
        ]
        scenes.append(Scene(grid, tuple(sorted(things[:number]))))
    return scenes


def _drawn(scene: Scene, artist: Artist) -> DrawnScene:
    words = describe(scene)
    return DrawnScene(
        torch.from_numpy(artist.draw(scene)),
        " ".join(word.text for word in words),
        tuple(word.cell for word in words),
    )
