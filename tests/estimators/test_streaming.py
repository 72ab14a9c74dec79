"""Estimators give streams that say what `predict` says."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from tests.stream.models import classifier, language_model, tagger

from vartai.bundle.trained import SavedTask
from vartai.errors import OptionError
from vartai.estimators.classifier import TextClassifier
from vartai.estimators.language_model import LanguageModel
from vartai.estimators.tagger import Tagger


def test_a_classifier_streams_what_it_predicts() -> None:
    model = TextClassifier.from_saved(SavedTask("classify", classifier(), {}, ""))
    stream = model.stream()
    stream.push("Not b")
    said = stream.push("ad at all ")
    (expected,) = model.predict_proba(["Not bad at all"])
    assert np.allclose(
        [said.probabilities[str(label)] for label in model.classes_], expected, atol=1e-5
    )
    assert said.label == model.predict(["Not bad at all"])[0]


def test_a_tagger_streams_what_it_predicts_and_waits_as_long_as_it_is_told() -> None:
    model = Tagger.from_saved(SavedTask("tag", tagger(crf=True), {}, ""))
    stream = model.stream(delay=2)
    words = ["Not", "bad", "at"]
    assert [len(stream.push([word])) for word in words] == [0, 0, 1]
    stream.reset()
    told = [*stream.push(words), *stream.end()]
    assert [tag for _, tag in told] == model.predict([words])[0]


def test_a_language_model_streams_what_it_foretells() -> None:
    model = LanguageModel.from_saved(SavedTask("generate", language_model("char"), {}, ""))
    stream = model.stream()
    likeliest = stream.push("Not bad").likeliest(3)
    expected = list(model.next_distribution("Not bad").items())[:3]
    for (token, share), (name, probability) in zip(likeliest, expected, strict=True):
        assert token == name
        assert share == pytest.approx(probability, abs=1e-5)


def test_what_is_not_fitted_has_no_stream() -> None:
    with pytest.raises(NotFittedError):
        TextClassifier().stream()
    with pytest.raises(NotFittedError):
        Tagger().stream()
    with pytest.raises(OptionError, match="not fitted yet"):
        LanguageModel().stream()
