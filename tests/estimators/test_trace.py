"""Estimators trace one text, or several, in the form in which they predict them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from vartai import InputError, LanguageModel, OptionError, Tagger, TextClassifier
from vartai.inspect.trace import Trace

SENTENCES = [["the", "cat", "runs"], ["cats", "run"]] * 4
TAGS = [["DET", "NOUN", "VERB"], ["NOUN", "VERB"]] * 4
SMALL = {"hidden_size": 6, "embedding_size": 4, "epochs": 1, "threads": 1}


def test_a_classifier_traces_a_text_or_a_column_of_them(fitted: TextClassifier) -> None:
    alone = fitted.trace("good film")
    assert isinstance(alone, Trace)
    assert [token.text for token in alone.tokens] == ["good", "film"]
    several = fitted.trace(np.array(["good film", "bad"]), layers=["l0"], gates=["forget"])
    assert [list(one.layers) for one in several] == [["l0"], ["l0"]]
    assert np.array_equal(several[0]["l0"].hidden, alone["l0"].hidden)
    said = alone.running
    assert said is not None
    shares = dict(zip(said.labels, said.probabilities[-1], strict=True))
    wanted = fitted.predict_proba(["good film"])[0]
    assert [shares[name] for name in fitted.classes_] == pytest.approx(wanted, abs=1e-6)


def test_a_text_that_is_mended_before_it_is_read_has_the_mended_texts_places() -> None:
    texts = [f"{word} \u0161alis {n}" for word in ("good", "bad") for n in range(5)]
    made = TextClassifier(hidden_size=4, embedding_size=4, epochs=1, fix_text=True, valid_share=0.2)
    found = made.fit(texts, [1] * 5 + [0] * 5).trace("good \u00c5\u00a1alis")
    assert found.text == "good \u0161alis"
    assert "wrong encoding" in found.notes[0]


def test_a_tagger_traces_texts_and_sentences_of_words() -> None:
    tagger = Tagger(**SMALL, character_size=4, min_frequency=1, valid_share=0.25)
    tagger.fit(SENTENCES, TAGS)
    alone = tagger.trace("the  cat runs")
    assert alone.tokens[1] == ("cat", 5, 8)
    several = tagger.trace(["the cat runs", "cats"])
    words = tagger.trace([["the", "cat", "runs"], ["cats"]])
    for one, other in zip(several, words, strict=True):
        assert one.tokens == other.tokens
        assert np.array_equal(one["l0"].hidden, other["l0"].hidden)
    assert [one.text for one in words] == ["the cat runs", "cats"]


def test_a_language_model_traces_from_the_border_on() -> None:
    model = LanguageModel(**SMALL, streams=2, steps=8, valid_share=0.3)
    model.fit(["a cat runs home.", "a dog runs away.", "cats run.", "dogs run."] * 3)
    found = model.trace("a cat")
    assert [token.text for token in found.tokens] == ["", "a", " ", "c", "a", "t"]
    assert found.running is not None
    best = found.running.names(5)[0]
    shares = model.next_distribution("a cat")
    assert found.running.probabilities[5, 0] == pytest.approx(max(shares.values()), abs=1e-5)
    assert shares[best] == pytest.approx(max(shares.values()))


def test_what_cannot_be_traced_is_refused(fitted: TextClassifier) -> None:
    with pytest.raises(InputError, match=r"^texts\[1\]: expected at least one token, found none"):
        fitted.trace(["good", ""])
    with pytest.raises(OptionError, match="^unknown layer 'l7'; known: l0, l0_reverse"):
        fitted.trace("good", layers=["l7"])
    with pytest.raises(NotFittedError):
        TextClassifier().trace("good")
    with pytest.raises(NotFittedError):
        Tagger().trace("good")
    with pytest.raises(OptionError, match="was not fitted yet"):
        LanguageModel().trace("good")
