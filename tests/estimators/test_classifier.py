from __future__ import annotations

import os
import signal
from dataclasses import is_dataclass

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.exceptions import NotFittedError

from vartai import InputError, TextClassifier
from vartai.training.events import Event, Stopped


def test_a_classifier_is_a_dataclass_that_compares_by_identity() -> None:
    assert is_dataclass(TextClassifier)
    assert TextClassifier() != TextClassifier()
    assert repr(TextClassifier(cell="gru")) == "TextClassifier(cell='gru')"


def test_nothing_works_before_fit(texts: list[str], labels: list[str], tmp_path: object) -> None:
    classifier = TextClassifier()
    for call in (
        lambda: classifier.predict(texts),
        lambda: classifier.predict_proba(texts),
        lambda: classifier.score(texts, labels),
        lambda: classifier.save(f"{tmp_path}/model"),
    ):
        with pytest.raises(NotFittedError, match="not fitted yet"):
            call()


def test_probabilities_stand_in_the_order_of_the_classes(fitted: TextClassifier) -> None:
    texts = ["good film", "bad book", ""]
    shares = fitted.predict_proba(texts)
    assert shares.shape == (3, 2)
    assert shares.sum(1) == pytest.approx(np.ones(3))
    assert fitted.predict(texts).tolist() == fitted.classes_[shares.argmax(1)].tolist()


def test_the_same_seed_gives_the_same_predictions_twice(
    tiny: TextClassifier, texts: list[str], labels: list[str]
) -> None:
    first = tiny.fit(texts, labels).predict_proba(texts)
    torch.rand(3)
    again = tiny.fit(texts, labels).predict_proba(texts)
    other = tiny.set_params(seed=1).fit(texts, labels).predict_proba(texts)
    assert (first == again).all()
    assert not (first == other).all()


def test_fit_leaves_the_random_numbers_of_others_alone(
    tiny: TextClassifier, texts: list[str], labels: list[str]
) -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    tiny.fit(texts, labels)
    assert (torch.rand(2) == expected).all()


@pytest.mark.parametrize("values", [[10, 2], [True, False], ["š", "a"]])
def test_labels_of_any_kind_come_back_as_they_went_in(
    values: list[object], tiny: TextClassifier, texts: list[str]
) -> None:
    labels = values * 5
    tiny.set_params(epochs=30, averaging=0.0, warmup=1, learning_rate=0.05)
    tiny.fit(texts, labels, valid=(texts, labels))
    assert tiny.classes_.tolist() == sorted(values)  # type: ignore[type-var]
    predicted = tiny.predict(texts)
    assert predicted.dtype == np.array(values).dtype
    assert predicted.tolist() == labels
    assert tiny.score(texts, labels) == 1.0


def test_a_text_can_have_several_labels_or_none(texts: list[str]) -> None:
    labels = [{"en", word} if word == "good" else set() for word, _ in map(str.split, texts)]
    classifier = TextClassifier(
        label_separator=";",
        hidden_size=8,
        embedding_size=8,
        epochs=30,
        learning_rate=0.05,
        warmup=1,
        averaging=0.0,
    )
    classifier.fit(texts, labels, valid=(texts, labels))
    assert classifier.classes_.tolist() == ["en", "good"]
    assert classifier.predict(["good film", "bad film"]).tolist() == [("en", "good"), ()]
    assert classifier.score(texts, labels) == 1.0
    assert classifier.score(["good film"], ["good; en"]) == 1.0
    assert classifier.score(["good film"], ["good"]) == 0.0


def test_an_index_of_pandas_changes_nothing(
    tiny: TextClassifier, texts: list[str], labels: list[str]
) -> None:
    expected = tiny.fit(texts, labels).predict_proba(texts)
    index = list(range(9, -1, -1))
    tiny.fit(pd.Series(texts, index=index), pd.Series(labels, index=index[::-1]))
    assert (tiny.predict_proba(pd.DataFrame({"text": texts}, index=index)) == expected).all()


def test_weights_and_unknown_labels_count_in_the_score(fitted: TextClassifier) -> None:
    label = fitted.predict(["good film"])[0]
    texts = ["good film", "good film"]
    assert fitted.score(texts, [label, "never seen"]) == 0.5
    assert fitted.score(texts, [label, "never seen"], sample_weight=[3, 1]) == 0.75


def test_the_history_and_what_was_measured_are_there(fitted: TextClassifier) -> None:
    assert [epoch.epoch for epoch in fitted.history_] == [1, 2]
    assert set(fitted.metrics_["valid"]) >= {"accuracy", "macro_f1"}
    assert fitted.notes_ == []
    assert "## Limits" in fitted.card_


def test_an_observer_is_told_what_happens(
    tiny: TextClassifier, texts: list[str], labels: list[str]
) -> None:
    seen: list[Event] = []
    tiny.fit(texts, labels, observer=seen.append)
    assert isinstance(seen[-1], Stopped)


def test_misdecoded_texts_are_noted_and_mended_on_request(
    tiny: TextClassifier, texts: list[str], labels: list[str]
) -> None:
    sound = [*texts[:-1], "Prieš"]
    broken = [*texts[:-1], "PrieÅ¡"]
    expected = tiny.fit(sound, labels).predict_proba(sound)
    tiny.fit(broken, labels)
    assert any("fix_text=True" in note for note in tiny.notes_)
    tiny.set_params(fix_text=True).fit(broken, labels)
    assert any("mended" in note for note in tiny.notes_)
    assert (tiny.predict_proba(broken) == expected).all()


def test_equal_texts_are_held_out_together(tiny: TextClassifier, labels: list[str]) -> None:
    texts = ["Good film", "bad film", "good  film", "BAD film"] + ["good film", "bad film"] * 3
    with pytest.raises(InputError, match="expected enough different texts to split"):
        tiny.fit(texts, labels)


@pytest.mark.parametrize(
    ("wrong_labels", "message"),
    [
        (["positive"] * 10, "y: expected at least two classes, found 1 class: 'positive'"),
        (["positive", "negative"], "expected a label for each text, found 10 texts and 2 labels"),
    ],
)
def test_labels_that_cannot_be_learned_are_refused(
    wrong_labels: list[str], message: str, tiny: TextClassifier, texts: list[str]
) -> None:
    with pytest.raises(InputError, match=message):
        tiny.fit(texts, wrong_labels)


@pytest.mark.parametrize(
    ("valid", "message"),
    [
        ((["a"], ["neutral"]), r"valid\[1\]\[0\]: label 'neutral' is not among those of y"),
        ((["a"], []), r"valid\[1\]: expected a label for each text"),
        (([None], ["positive"]), r"valid\[0\]\[0\]: expected text, found NoneType"),
        ("both", "valid: expected a pair of texts and labels, found 'both'"),
    ],
)
def test_validation_texts_are_checked_too(
    valid: tuple[object, object],
    message: str,
    tiny: TextClassifier,
    texts: list[str],
    labels: list[str],
) -> None:
    with pytest.raises(InputError, match=message):
        tiny.fit(texts, labels, valid=valid)


def test_ctrl_c_leaves_the_classifier_as_it_was(
    tiny: TextClassifier, texts: list[str], labels: list[str]
) -> None:
    def interrupt(_: Event) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    # A shell that starts the tests in the background has its children ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            tiny.fit(texts, labels, observer=interrupt)
    finally:
        signal.signal(signal.SIGINT, before)
    assert not hasattr(tiny, "classes_")
