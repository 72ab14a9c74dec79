from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.data.questions.question import Question, Questions
from vartai.data.questions.split import fold_groups, split_questions
from vartai.errors import InputError


def make(groups: list[int]) -> Questions:
    items = [
        Question(line, "", f"article {group}", f"passage {group} {line % 3}", "who?", ())
        for line, group in enumerate(groups)
    ]
    return Questions("made", "span", items)


@given(st.lists(st.integers(0, 30), min_size=60, max_size=200), st.integers(0, 5))
def test_no_article_is_on_two_sides_and_no_question_is_lost(groups: list[int], seed: int) -> None:
    questions = make(groups)
    if len(set(groups)) < 10:
        return
    parts, _ = split_questions(questions, fractions=(0.8, 0.1, 0.1), seed=seed)
    assert sorted(item.line for part in parts for item in part.items) == list(range(len(groups)))
    owners = [{item.group for item in part.items} for part in parts]
    assert sum(map(len, owners)) == len(set.union(*owners))


def test_parts_have_about_their_shares() -> None:
    questions = make(list(np.random.default_rng(0).integers(0, 100, 2000)))
    parts, _ = split_questions(questions, fractions=(0.8, 0.1, 0.1), seed=0)
    assert [round(len(part) / 2000, 1) for part in parts] == [0.8, 0.1, 0.1]


def test_with_few_articles_passages_are_held_out_and_that_is_told() -> None:
    parts, notes = split_questions(make([0, 1, 2] * 20), fractions=(0.5, 0.5), seed=0)
    assert notes == ["Held out by context, for there are only 3 articles or stories."]
    contexts = [{item.context for item in part.items} for part in parts]
    assert not contexts[0] & contexts[1]


def test_too_few_contexts_are_refused() -> None:
    with pytest.raises(InputError, match="enough different contexts to split 2 questions"):
        split_questions(make([0, 0]).take([0, 0]), fractions=(0.8, 0.1, 0.1), seed=0)


def test_folds_are_disjoint_whole_and_about_equal() -> None:
    questions = make(list(np.random.default_rng(1).integers(0, 16, 500)))
    folds = fold_groups(questions, folds=5, seed=0)
    assert sorted(place for fold in folds for place in fold) == list(range(500))
    assert max(map(len, folds)) - min(map(len, folds)) < 80
