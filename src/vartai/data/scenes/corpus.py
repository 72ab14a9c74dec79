"""Scenes drawn at random, in three parts."""

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
MOST_SCENES = 100_000


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
    """Scenes of one, two or three things. One may come twice, drawn anew.

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
    random = _begin(count, seed, grid)
    artist = Artist(grid, random)
    return [_drawn(scene, artist) for scene in _scenes(count, random, grid)]


def scene_corpus(*, train: int, valid: int, test: int, seed: int, grid: int) -> SceneCorpus:
    """A corpus as training wants it; the same seed gives the same one.

    All scenes to judge by are different, and none of them is trained on. Among those to learn from
    one may come twice, drawn anew: there are only so many of a single thing, and a network learns
    from them what it then finds again among others.

    Args:
        train: pictures to learn from.
        valid: pictures to choose the epoch by.
        test: pictures to judge by.
        seed: decides everything.
        grid: as in `generate`.

    Raises:
        OptionError: as `generate`.
    """
    random = _begin(train + valid + test, seed, grid)
    held: dict[Scene, None] = {}
    while len(held) < valid + test:
        held |= dict.fromkeys(_scenes(valid + test - len(held), random, grid))
    learned: list[Scene] = []
    while len(learned) < train:
        drawn = _scenes(train - len(learned), random, grid)
        learned += [scene for scene in drawn if scene not in held]
    judged = list(held)
    artist = Artist(grid, random)
    parts = zip(("train", "valid", "test"), (learned, judged[:valid], judged[valid:]), strict=True)
    return SceneCorpus(*(_part(name, scenes, artist, grid) for name, scenes in parts))


def _begin(count: int, seed: int, grid: int) -> np.random.Generator:
    require_range("count", count, at_least=1, below=MOST_SCENES + 1)
    require_range("grid", grid, at_least=3, below=9)
    return np.random.default_rng(seed)


def _part(name: str, scenes: Sequence[Scene], artist: Artist, grid: int) -> Scenes:
    drawn = [_drawn(scene, artist) for scene in scenes]
    items = [
        CaptionedPicture(image=f"{name}/{n}", file=name, line=n, captions=(scene.caption,))
        for n, scene in enumerate(drawn, start=1)
    ]
    pixels = torch.stack([scene.picture for scene in drawn])
    captioned = CaptionedPictures(name, items, pixels)
    return Scenes(captioned, [scene.cells for scene in drawn], grid)


def _scenes(count: int, random: np.random.Generator, grid: int) -> list[Scene]:
    numbers = random.integers(1, MOST_THINGS + 1, size=count)
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
