"""Answers of the tab Read, and of those about many texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vartai.errors import InputError, OptionError
from vartai.serve.inspector.corpus import pasted, read_corpus_file
from vartai.serve.inspector.effects import effects
from vartai.serve.inspector.finding import find
from vartai.serve.inspector.flagging import find_flags
from vartai.serve.inspector.memory import remember
from vartai.serve.inspector.opened import OpenedModel
from vartai.serve.inspector.questions import FindQuestion, FlagsQuestion, ViewQuestion
from vartai.serve.inspector.reading import compare_texts, read, states
from vartai.serve.inspector.session import Session

SENTENCE = "so good and not bad"


@pytest.fixture(scope="module")
def opened(model: Path) -> OpenedModel:
    return OpenedModel.load(model)


def _asked(text: str, **view: Any) -> ViewQuestion:
    return ViewQuestion(given={"text": text}, **view)


def test_a_text_is_answered_with_tokens_layers_and_what_the_model_says(opened: OpenedModel) -> None:
    answer = read(opened, _asked(SENTENCE))
    (sequence,) = answer["sequences"]
    assert [SENTENCE[token["start"] : token["end"]] for token in sequence["tokens"]] == (
        SENTENCE.split()
    )
    assert answer["layers"] == [
        {
            "name": "l0",
            "sequence": "text",
            "whats": ["hidden", "cell", "input", "forget", "candidate", "output"],
        }
    ]
    said = opened.saved.task.probabilities([SENTENCE])[0]
    assert answer["verdict"] == {
        "label": opened.saved.task.labels[int(said.argmax())],
        "probability": pytest.approx(said.max(), abs=1e-4),
    }
    assert len(answer["said"]) == 5


def test_the_numbers_of_the_picture_are_those_of_the_trace(opened: OpenedModel) -> None:
    answer = states(opened, _asked(SENTENCE, layer="l0", what="forget"))
    gates = opened.trace({"text": SENTENCE})["l0"].gates["forget"]
    np.testing.assert_allclose(answer["figure"]["data"][0]["z"], gates.T, atol=1e-4)
    assert answer["orders"]["variance"][0] == int(gates.var(0).argmax())
    assert answer["line"]["data"][0]["y"] == pytest.approx(gates[:, 0].tolist(), abs=1e-4)


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        ({"layer": "l7"}, "unknown layer 'l7'; known: l0"),
        ({"what": "reset"}, "unknown quantity 'reset'; known: candidate, cell, forget, hidden"),
    ],
)
def test_an_unknown_layer_or_gate_is_named_with_the_known(
    opened: OpenedModel, view: dict[str, str], problem: str
) -> None:
    with pytest.raises(OptionError, match=problem):
        states(opened, _asked(SENTENCE, **view))


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"text": "  "}, "text: expected text, found none"),
        ({}, "text: expected text, found none"),
        ({"source": "x"}, "unknown text 'source'; this model reads: text"),
    ],
)
def test_texts_that_the_model_cannot_read_are_refused(
    opened: OpenedModel, given: dict[str, str], problem: str
) -> None:
    with pytest.raises((InputError, OptionError), match=problem):
        opened.trace(given)


def test_a_very_long_text_is_cut_and_the_answer_says_so(opened: OpenedModel) -> None:
    answer = read(opened, _asked("good " * 3000))
    assert len(answer["sequences"][0]["tokens"]) <= 600
    assert any("600" in note for note in answer["notes"])


def test_two_texts_differ_only_from_the_changed_word_on(opened: OpenedModel) -> None:
    answer = compare_texts(opened, _asked(SENTENCE), {"text": "so good and very bad"})
    assert answer["pairs"] == [
        [0, 0, False],
        [1, 1, False],
        [2, 2, False],
        [3, 3, True],
        [4, 4, False],
    ]
    apart = np.array(answer["figure"]["data"][0]["z"])
    assert (apart[:, :3] == 0).all()
    assert (apart[:, 3] != 0).any()
    assert answer["columns"][3] == "not→very"
    assert not answer["same"]


def test_a_word_that_only_one_text_has_leaves_a_gap(opened: OpenedModel) -> None:
    answer = compare_texts(opened, _asked("so good"), {"text": "so very good"})
    assert answer["pairs"] == [[0, 0, False], [None, 1, True], [1, 2, False]]
    assert {row[1] for row in answer["figure"]["data"][0]["z"]} == {None}


def test_memory_is_measured_beside_the_untrained_model(opened: OpenedModel) -> None:
    answer = remember(opened, [SENTENCE, "very good and so bad"], "outputs")
    assert [row["name"] for row in answer["lengths"]] == ["this model", "untrained"]
    assert [one["layer"] for one in answer["gates"]] == ["l0"]
    assert [mask["gate"] for mask in answer["gates"][0]["masks"]] == ["input", "forget", "output"]
    with pytest.raises(OptionError, match="unknown of 'dreams'; known: outputs, score, states"):
        remember(opened, [SENTENCE], "dreams")


def test_effects_are_those_of_the_text_and_its_label(opened: OpenedModel) -> None:
    answer = effects(opened, {"text": SENTENCE}, None)
    assert {answer["label"], answer["against"]} == {"positive", "negative"}
    assert set(answer["methods"]) >= {"running", "gradients", "left-out"}


LINES = "\n".join(
    f"{first} {word} and {second} good"
    for first in ("so", "very", "not", "all")
    for word in ("good", "bad", "fine", "weak")
    for second in ("so", "very", "not")
)


def test_flags_of_a_pattern_are_ranked_and_checked(opened: OpenedModel) -> None:
    asked = FlagsQuestion(by="pattern", pattern="bad|weak")
    answer = find_flags(opened, pasted(LINES), asked)
    (value,) = answer["values"]
    assert value["value"] == "inside"
    best = value["best"][0]
    assert 0.5 <= best["auroc"] <= 1
    assert {(one["layer"], one["what"]) for one in value["orders"]} == {
        ("l0", "hidden"),
        ("l0", "cell"),
    }
    assert sorted(value["orders"][0]["order"]) == list(range(8))


@pytest.mark.parametrize(
    ("by", "pattern", "problem"),
    [
        ("column", "", "start with --corpus FILE --column NAME"),
        ("pattern", "(", "is no regular expression"),
        ("pattern", "nowhere", "nothing in these texts is what was asked for"),
        ("moods", "", "unknown scope 'moods'; known: brackets"),
    ],
)
def test_flags_that_cannot_be_looked_for_are_refused(
    opened: OpenedModel, by: str, pattern: str, problem: str
) -> None:
    with pytest.raises((InputError, OptionError), match=problem):
        find_flags(opened, pasted(LINES), FlagsQuestion(by=by, pattern=pattern))


def test_the_same_stretch_is_found_first(opened: OpenedModel) -> None:
    asked = FindQuestion(marked="so [weak] and very good")
    answer = find(opened, pasted(LINES), asked)
    first = answer["hits"][0]
    assert (first["text"], first["score"]) == ("weak", pytest.approx(1.0))
    with pytest.raises(InputError, match=r"one stretch in \[brackets\]"):
        find(opened, pasted(LINES), FindQuestion(marked="nothing marked"))


def test_a_corpus_is_plain_or_has_a_column(tmp_path: Path) -> None:
    plain = tmp_path / "lines.txt"
    plain.write_text("one\n\ntwo\n", encoding="utf-8")
    assert read_corpus_file(str(plain), None, natural=True).lines == ((1, "one"), (3, "two"))
    with pytest.raises(OptionError, match="expected no --column: it is plain text"):
        read_corpus_file(str(plain), "upos", natural=True)
    tagged = tmp_path / "tagged.conllu"
    rows = ["1\tAlisa\t_\tPROPN\t_\tGender=Fem\t0\troot\t_\t_", "2\tėjo\t_\tVERB\t_\t_\t1\tx\t_\t_"]
    tagged.write_text("\n".join(rows) + "\n\n", encoding="utf-8")
    with pytest.raises(OptionError, match="expected --column, such as upos"):
        read_corpus_file(str(tagged), None, natural=True)
    corpus = read_corpus_file(str(tagged), "feats:Gender", natural=True)
    assert corpus.lines == ((1, "Alisa ėjo"),)
    assert corpus.labelled is not None
    assert [span.value for span in corpus.labelled[0].spans] == ["Fem"]
    with pytest.raises(InputError, match="no-such"):
        read_corpus_file(str(tmp_path / "no-such.txt"), None, natural=True)


def test_a_session_refuses_texts_that_its_model_does_not_read(opened: OpenedModel) -> None:
    with pytest.raises(OptionError, match="expected text after the model, found 2 texts"):
        Session([opened], texts=["a", "b"]).require_texts()
    with pytest.raises(InputError, match="text: expected text, found none"):
        Session([opened], texts=["good"], what_if=" ").require_texts()
    with pytest.raises(OptionError, match="no second model: open one with --beside"):
        Session([opened]).model(1)
