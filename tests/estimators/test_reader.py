from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from tests.tasks.answer.asked import questions

import vartai
from vartai import InputError, OptionError, Reader

Pairs = list[tuple[str, str]]
SMALL = {"hidden_size": 8, "embedding_size": 8, "character_size": 4, "layers": 1, "epochs": 2}


def asked(kind: str) -> tuple[Pairs, list[object]]:
    items = questions(kind, 40).items
    pairs = [(item.context, item.text) for item in items]
    return pairs, [item.answers[0].text if item.answers else None for item in items]


@pytest.mark.parametrize("kind", ["span", "word"])
def test_fit_predict_score_save_and_load(kind: str, tmp_path: Path) -> None:
    pairs, answers = asked(kind)
    reader = Reader(kind=kind, **SMALL).fit(pairs, answers)
    given = reader.predict(pairs)
    assert len(given) == 40
    assert 0 <= reader.score(pairs, answers) <= 1
    for (context, _), replies in zip(pairs, reader.replies(pairs, top=2), strict=True):
        for reply in replies:
            if reply.start is not None:
                assert context[reply.start : reply.end] == reply.text
    reader.save(tmp_path / "model")
    again = vartai.load(tmp_path / "model")
    assert isinstance(again, Reader)
    assert again.predict(pairs) == given
    assert again.get_params() == reader.get_params()


def test_answers_may_bring_their_start_or_be_several() -> None:
    pairs = [(f"fox {n} fox", "who?") for n in range(20)]
    several: list[object] = [["fox", ("fox", 0)], ("fox", 0), "fox", ["fox"]]
    answers = several * 5
    assert Reader(**SMALL).fit(pairs, answers).task_.knowledge.answerable


@pytest.mark.parametrize(
    ("pairs", "answers", "message"),
    [
        ([], [], "X: expected at least one question"),
        ("text", ["a"], "X"),
        ([("a",)], ["a"], r"X\[0\]: expected a context and a question"),
        ([("a", " ")], ["a"], r"X\[0\], question: expected text, found ' '"),
        ([("a", "who?")], ["b"], r"y\[0\]: expected a part of the context, found 'b'"),
        ([("a", "who?")], [("a", 4)], r"y\[0\]: expected 'a' at code point 4"),
        ([("a", "who?")], ["a", "a"], "y"),
        ([("a" * 60_000, "who?")], ["a"], r"X\[0\], context: expected at most 50,000"),
    ],
)
def test_what_was_not_expected_is_named_by_its_position(
    pairs: object, answers: object, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Reader(**SMALL).fit(pairs, answers)


def test_a_wrong_parameter_is_refused_by_fit_and_none_is_fitted() -> None:
    pairs, answers = asked("span")
    reader = Reader(cell="grru")
    with pytest.raises(OptionError, match="Did you mean 'gru'"):
        reader.fit(pairs, answers)
    with pytest.raises(NotFittedError):
        reader.predict(pairs)


def test_it_can_be_cloned() -> None:
    assert clone(Reader(hops=5)).hops == 5
