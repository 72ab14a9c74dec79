"""A scene as what is in it, and the one sentence that describes it.

    a red circle at the top left and a blue square below it on the right

Things are named in reading order: row by row, each from the left. The first is placed in the
picture, each other one beside the thing named before it. So a picture has exactly one right
sentence, though many pictures have the same. No two things of a scene share a colour or a shape:
whoever names the colour of one has looked at it, and not at another.
"""

from __future__ import annotations

from typing import NamedTuple

COLOURS = ("red", "green", "blue", "yellow", "purple", "black")
SHAPES = ("circle", "square", "triangle", "cross")


class Cell(NamedTuple):
    """A cell of the grid: row from the top, column from the left, both from 0."""

    row: int
    column: int


class Thing(NamedTuple):
    """A shape in a cell; sorted, things are in reading order."""

    cell: Cell
    colour: str
    shape: str


class Scene(NamedTuple):
    """Things in reading order, on a grid of `grid` × `grid` cells."""

    grid: int
    things: tuple[Thing, ...]


class Word(NamedTuple):
    """A word, and the cell that it can only be read from: of a colour or a shape; else None."""

    text: str
    cell: Cell | None


def describe(scene: Scene) -> list[Word]:
    """The sentence, word by word.

    Example:
        >>> red = Thing(Cell(0, 1), "red", "circle")
        >>> scene = Scene(4, (red, Thing(Cell(3, 1), "blue", "cross")))
        >>> " ".join(word.text for word in describe(scene))
        'a red circle at the top left and a blue cross below it'
        >>> [word.text for word in describe(scene) if word.cell == (3, 1)]
        ['blue', 'cross']
    """
    words: list[Word] = []
    for before, thing in zip((None, *scene.things), scene.things, strict=False):
        if before is None:
            where = _in_the_picture(thing.cell, scene.grid)
        else:
            words.append(Word("and", None))
            where = _beside(thing.cell, before.cell)
        words.append(Word("a", None))
        words += [Word(thing.colour, thing.cell), Word(thing.shape, thing.cell)]
        words += [Word(text, None) for text in where.split()]
    return words


def _in_the_picture(cell: Cell, grid: int) -> str:
    """By halves; the middle row or column of an odd grid is in neither."""
    row = ("top", "middle", "bottom")[_half(cell.row, grid)]
    column = ("left", "centre", "right")[_half(cell.column, grid)]
    return f"at the {row} {column}"


def _half(place: int, grid: int) -> int:
    """0 before the middle, 1 in it, 2 after it."""
    twice = 2 * place + 1
    return (twice >= grid) + (twice > grid)


def _beside(cell: Cell, other: Cell) -> str:
    """Where a cell is, seen from one before it in reading order."""
    if cell.row == other.row:
        return "right of it"
    if cell.column == other.column:
        return "below it"
    return f"below it on the {'left' if cell.column < other.column else 'right'}"
