from __future__ import annotations

import pytest

from vartai.tasks.answer.metrics import exact_match, f1_score, normalise_answer


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("The Cat", "cat"),
        ("a cat, an owl; the end.", "cat owl end"),
        ("  several   blanks\tand\nlines ", "several blanks and lines"),
        ("U.S.A.", "usa"),
        ("don't", "dont"),
        ("theory of an anthem", "theory of anthem"),
        ("THE A AN", ""),
        ("“quoted”", "“quoted”"),  # only ASCII punctuation goes
        ("10–12", "10–12"),
        ("10-12", "1012"),
        ("the-cat", "thecat"),  # punctuation goes before articles
        ("Ąžuolas", "ąžuolas"),
    ],
)
def test_an_answer_is_normalised_by_the_published_rules(text: str, same: str) -> None:
    assert normalise_answer(text) == same


@pytest.mark.parametrize(
    ("given", "right", "exact", "f1"),
    [
        ("the red fox", ["fox"], 0.0, 2 / 3),
        ("Fox!", ["the fox", "wolf"], 1.0, 1.0),
        ("red red fox", ["red fox fox"], 0.0, 2 / 3),
        ("wolf", ["fox"], 0.0, 0.0),
        (None, [], 1.0, 1.0),
        ("fox", [], 0.0, 0.0),
        (None, ["fox"], 0.0, 0.0),
        ("the", [], 1.0, 1.0),  # nothing is left of it
        (None, ["the"], 1.0, 1.0),  # and of no right answer
        (None, ["the", "fox"], 0.0, 0.0),
    ],
)
def test_scores_are_those_of_the_official_script(
    given: str | None, right: list[str], exact: float, f1: float
) -> None:
    assert exact_match(given, right) == exact
    assert f1_score(given, right) == pytest.approx(f1)
