from __future__ import annotations

import itertools

import pytest
import torch

from vartai.data.scenes import (
    COLOURS,
    SHAPES,
    Cell,
    Scene,
    Thing,
    describe,
    generate,
    scene_corpus,
)
from vartai.data.scenes.drawing import CELL
from vartai.errors import OptionError


def sentence(*things: Thing, grid: int = 4) -> str:
    return " ".join(word.text for word in describe(Scene(grid, things)))


def test_a_sentence_places_the_first_thing_in_the_picture_and_each_other_beside_the_last() -> None:
    red = Thing(Cell(1, 2), "red", "circle")
    blue = Thing(Cell(1, 3), "blue", "square")
    black = Thing(Cell(3, 1), "black", "cross")
    assert sentence(red, blue, black) == (
        "a red circle at the top right and a blue square right of it "
        "and a black cross below it on the left"
    )


def test_halves_of_an_odd_grid_leave_a_middle() -> None:
    places = {
        sentence(Thing(Cell(row, column), "red", "cross"), grid=5)
        for row, column in itertools.product(range(5), repeat=2)
    }
    assert len(places) == 9
    assert sentence(Thing(Cell(2, 2), "red", "cross"), grid=5) == "a red cross at the middle centre"
    assert sentence(Thing(Cell(1, 4), "red", "cross"), grid=5) == "a red cross at the top right"


def test_only_colours_and_shapes_have_a_cell_and_it_is_the_one_of_their_thing() -> None:
    for scene in generate(200, seed=3, grid=5):
        words = scene.caption.split()
        assert len(words) == len(scene.cells)
        looked = [(word, cell) for word, cell in zip(words, scene.cells, strict=True) if cell]
        assert [word for word in words if word in COLOURS + SHAPES] == [word for word, _ in looked]
        cells = [cell for _, cell in looked]
        assert cells[::2] == cells[1::2]
        assert cells[::2] == sorted(set(cells))  # reading order


def test_what_a_sentence_says_is_where_it_says() -> None:
    means = {"red": (205, 40, 40), "blue": (45, 80, 205), "black": (25, 25, 25)}
    checked = 0
    for scene in generate(300, seed=4, grid=4):
        for word, cell in zip(scene.caption.split(), scene.cells, strict=True):
            y, x = (0, 0) if cell is None else (CELL * cell.row, CELL * cell.column)
            patch = scene.picture[:, y : y + CELL, x : x + CELL].float()
            if cell is not None and word in means:
                distance = (patch - torch.tensor(means[word])[:, None, None]).abs().amax(0)
                assert (distance < 40).float().mean() > 0.1
                checked += 1
    assert checked > 300


def test_empty_cells_are_plain() -> None:
    for scene in generate(50, seed=5, grid=4):
        taken = {cell for cell in scene.cells if cell is not None}
        cells = scene.picture.float().unfold(1, CELL, CELL).unfold(2, CELL, CELL)
        spread = cells.flatten(3).amax((0, 3)) - cells.flatten(3).amin((0, 3))
        assert {Cell(*where) for where in (spread > 40).nonzero().tolist()} == taken


def test_the_same_seed_gives_the_same_and_another_gives_another() -> None:
    scenes = generate(100, seed=6, grid=4)
    again = generate(100, seed=6, grid=4)
    assert all(torch.equal(a.picture, b.picture) for a, b in zip(scenes, again, strict=True))
    assert [a.caption for a in scenes] == [b.caption for b in again]
    others = {scene.caption for scene in generate(100, seed=7, grid=4)}
    assert len(others - {scene.caption for scene in scenes}) > 50


def test_scenes_have_one_two_or_three_things_about_equally_often() -> None:
    numbers = [scene.caption.split().count("a") for scene in generate(600, seed=8, grid=4)]
    assert sorted(set(numbers)) == [1, 2, 3]
    assert all(150 < numbers.count(number) < 250 for number in (1, 2, 3))


def test_no_scene_to_judge_by_comes_twice_or_is_trained_on() -> None:
    corpus = scene_corpus(train=600, valid=100, test=100, seed=1, grid=3)
    parts = (corpus.train, corpus.valid, corpus.test)
    assert [len(part) for part in parts] == [600, 100, 100]
    train, valid, test = (
        {
            (item.captions, cells)
            for item, cells in zip(part.captioned.items, part.cells, strict=True)
        }
        for part in parts
    )
    assert len(valid | test) == 200
    assert not train & (valid | test)
    assert len(train) < 600  # of a single thing there are 216
    pictures = corpus.train.captioned.inputs
    assert pictures.shape == (600, 3, 48, 48)
    assert len(torch.unique(pictures.flatten(1), dim=0)) == 600


def test_a_grid_out_of_bounds_is_refused() -> None:
    with pytest.raises(OptionError, match="grid must be at least 3 and below 9, was 2"):
        generate(1, seed=1, grid=2)
