"""Alone, in any batch and in any order: the same answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tasks.answer.asked import questions, trained

from vartai.tasks.answer.problem import asked_of
from vartai.tasks.answer.replies import Reply
from vartai.tasks.answer.texts import Asked

ORDERS = st.permutations(range(12))


def flat(replies: list[Reply]) -> list[tuple[str | None, int | None, int | None]]:
    return [(reply.text, reply.start, reply.end) for reply in replies]


@pytest.mark.parametrize("kind", ["span", "word"])
@given(order=ORDERS, count=st.integers(1, 4))
@settings(max_examples=8)
def test_alone_is_batched_is_any_order(kind: str, order: list[int], count: int) -> None:
    task = trained(kind)
    asked = asked_of(questions(kind, 12, seed=2))
    together = task.replies(asked, count=count)
    mixed = task.replies([asked[place] for place in order], count=count)
    for place, number in enumerate(order):
        [alone] = task.replies([asked[number]], count=count)
        for other in (mixed[place], together[number]):
            assert flat(other) == flat(alone)
            np.testing.assert_allclose(
                [reply.confidence for reply in other],
                [reply.confidence for reply in alone],
                atol=1e-5,
            )


@given(
    context=st.text(min_size=1, max_size=60).filter(str.strip),
    question=st.text(min_size=1, max_size=20).filter(str.strip),
)
@settings(max_examples=40)
def test_any_text_gets_an_answer_that_is_an_exact_part_of_it(context: str, question: str) -> None:
    [replies] = trained("span").replies([Asked(context, question)], count=3)
    assert replies
    for reply in replies:
        if reply.text is not None:
            assert context[reply.start : reply.end] == reply.text
        assert 0 <= reply.confidence <= 1


def test_the_words_of_a_story_model_are_probabilities() -> None:
    task = trained("word")
    [replies] = task.replies(asked_of(questions("word", 1)), count=1000)
    assert sum(reply.confidence for reply in replies) == pytest.approx(1.0)
    assert {reply.text for reply in replies} == set(task.knowledge.answers)
