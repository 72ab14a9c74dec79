"""The derivations: what is held out is made of parts that training has."""

from __future__ import annotations

from itertools import combinations

from vartai.data.negation.shapes import SHAPES, Shape


def _parts(shape: Shape) -> set[frozenset[str]]:
    """The shape's parts, alone and two by two."""
    second = "no second clause" if shape.second is None else f"second {shape.second.name}"
    parts = (shape.structure.name, shape.predicate, f"first {shape.first.name}", second)
    return {frozenset(pair) for pair in combinations(parts, 2)} | {frozenset([p]) for p in parts}


def test_every_part_and_pair_of_parts_of_a_held_out_shape_is_trained() -> None:
    trained = set().union(*(_parts(shape) for shape in SHAPES if not shape.is_held_out))
    held_out = set().union(*(_parts(shape) for shape in SHAPES if shape.is_held_out))
    assert held_out <= trained


def test_shapes_have_names_of_their_own() -> None:
    assert len({shape.name for shape in SHAPES}) == len(SHAPES) > 300


def test_a_fair_share_of_shapes_of_every_structure_is_held_out() -> None:
    held_out = [shape for shape in SHAPES if shape.is_held_out]
    assert 1 / 8 < len(held_out) / len(SHAPES) < 1 / 4
    assert {s.structure for s in held_out} == {s.structure for s in SHAPES}


def test_two_clauses_are_opposed_or_agree_as_their_structure_says() -> None:
    for shape in SHAPES:
        if shape.second is not None:
            says_opposite = shape.first.sign == shape.second.sign
            assert says_opposite == (shape.structure.relation == "opposed"), shape.name


def test_exchanging_the_words_turns_every_label_round() -> None:
    for shape in SHAPES:
        assert shape.label_sign(1) == -shape.label_sign(-1), shape.name
