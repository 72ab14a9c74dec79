"""Labelled texts under models of every kind: what is read, in which batches, and what is held."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.inspect.models import classifier, language_model, tagger

from vartai.inspect.cut import cut
from vartai.inspect.flags.causal import measure_effect, read_clamped
from vartai.inspect.flags.clamp import Clamp
from vartai.inspect.flags.corpus import read_corpus
from vartai.inspect.flags.options import CausalOptions
from vartai.inspect.flags.rules import label_matches
from vartai.inspect.flags.units import Unit, read_unit

_TEXTS = label_matches(
    list(enumerate(["the red boat", "a blue sky", "so red the red boat", "green"], start=1)),
    "red|blue",
)


@pytest.mark.parametrize("task", [classifier(), language_model(), tagger()], ids=lambda t: "")
def test_rows_of_the_table_are_those_of_the_labelled_tokens(
    task: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = read_corpus(task, _TEXTS, carrier="last")
    table, labels = corpus.table(parts=("hidden",))
    assert len(table.values) == len(labels.codes) == 4
    made = cut(task, [text.text for text in _TEXTS])
    with torch.inference_mode():
        rows = made.run(keep=True).traces["l0"].hidden.numpy()
    labelled = np.flatnonzero(corpus.labels.codes >= 0)
    np.testing.assert_allclose(table.part("l0", "hidden"), rows[labelled], rtol=1e-5, atol=1e-6)
    tokens = [token for own in made.tokens for token in own]
    assert all(tokens[place].text[-1] in "de" for place in labelled)
    monkeypatch.setattr("vartai.inspect.flags.corpus._TEXTS", 1)
    again, _ = read_corpus(task, _TEXTS, carrier="last").table(parts=("hidden",))
    np.testing.assert_allclose(again.values, table.values, rtol=1e-5, atol=1e-6)


def test_predictions_of_texts_are_grouped_by_whether_the_value_is_in_them() -> None:
    task = classifier()
    corpus = read_corpus(task, _TEXTS, carrier="every", outside="outside")
    table, labels = corpus.table(parts=("hidden",))
    effect = measure_effect(
        corpus,
        table,
        labels,
        units=[Unit("l0", "hidden", 1)],
        value="inside",
        options=CausalOptions(hold="zero", draws=3),
    )
    assert effect.per == "text"
    assert {name: change.count for name, change in effect.chosen.items()} == {
        "value": 3,
        "other": 1,
    }
    assert effect.chosen["value"].raised is None
    assert effect.chosen["value"].shift > 0
    assert effect.values == (0.0,)
    assert len(effect.random) == 3


def test_a_language_model_has_its_next_tokens_shifted() -> None:
    corpus = read_corpus(language_model(), _TEXTS)
    table, labels = corpus.table(parts=("hidden", "cell"))
    effect = measure_effect(
        corpus,
        table,
        labels,
        units=[Unit("l0", "cell", 1), Unit("l0", "cell", 4)],
        value="inside",
        options=CausalOptions(draws=2),
    )
    assert effect.per == "token"
    # Every character and every border that is no end of a match is without label.
    assert effect.chosen["none"].count == sum(len(text.text) + 1 for text in _TEXTS) - 4
    assert all(0 <= change.shift <= 1 for change in effect.chosen.values())


def test_a_classifier_that_reads_in_segments_is_held_in_each() -> None:
    task = classifier(segment=2)
    made = cut(task, ["the red boat is blue"])
    unit = read_unit("l0.hidden.1")
    with torch.inference_mode():
        held = read_clamped(made, [Clamp(unit, 0.5)])
        assert (held - made.read()).abs().max() > 1e-4
        whole = cut(classifier(), ["the red boat is blue"])
        assert not torch.equal(held, read_clamped(whole, [Clamp(unit, 0.5)]))
