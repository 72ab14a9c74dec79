"""`vartai.Tagger`: the configuration's options, Python's sentences, and bundles."""

from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.exceptions import NotFittedError

import vartai
from vartai import InputError, OptionError, Tagger

WORDS = [[f"the{n}", "cat", "runs"] for n in range(8)] + [["cats", f"run{n}"] for n in range(8)]
TAGS = [["DET", "NOUN", "VERB"]] * 8 + [["NOUN", "VERB"]] * 8
SMALL = {"hidden_size": 8, "embedding_size": 6, "character_size": 6, "epochs": 12}


@pytest.fixture(scope="module")
def fitted() -> Tagger:
    """A small tagger; not to be changed."""
    tagger = Tagger(
        **SMALL,
        min_frequency=1,
        learning_rate=0.05,
        warmup=1,
        batch_size=4,
        averaging=0.0,
        valid_share=0.2,
    )
    return tagger.fit(WORDS, TAGS)


def test_it_learns_and_scores_what_it_was_shown(fitted: Tagger) -> None:
    assert fitted.tags_ == ("DET", "NOUN", "VERB")
    assert fitted.score(WORDS, TAGS) > 0.9
    assert fitted.predict([["cats", "run"]])[0] == ["NOUN", "VERB"]
    assert fitted.metrics_["valid"]["accuracy"] >= 0
    assert "pipeline_tag: token-classification" in fitted.card_


def test_a_bundle_loads_as_the_tagger_that_it_was(fitted: Tagger, tmp_path: Path) -> None:
    fitted.save(tmp_path / "model")
    loaded = vartai.load(tmp_path / "model")
    assert isinstance(loaded, Tagger)
    assert loaded.get_params() == fitted.get_params()
    new = [["a", "new", "sentence"], ["cats"]]
    assert loaded.predict(new) == fitted.predict(new)
    assert loaded.tags_ == fitted.tags_


def test_words_come_with_their_columns(tmp_path: Path) -> None:
    words = [[(word, word[-1]) for word in sentence] for sentence in WORDS]
    tagger = Tagger(**{**SMALL, "epochs": 1}, input_column=("last",), valid_share=0.2)
    tagger.fit(words, TAGS)
    assert len(tagger.predict(words)[0]) == 3
    with pytest.raises(
        InputError, match=r"X\[0\]\[0\]: expected a word and 1 values, found 'the0'"
    ):
        tagger.predict(WORDS)


@pytest.mark.parametrize(
    ("words", "tags", "says"),
    [
        ([["a"], []], [["X"], []], r"X\[1\]: expected words, found none"),
        ([["a"], ["b"]], [["X"]], "y: expected 2 sentences, found 1"),
        ([["a", "b"]], [["X"]], r"y\[0\]: expected 2 tags, one a word, found 1"),
        ([["a", 3]], [["X", "Y"]], r"X\[0\]\[1\]: expected text, found 3"),
        ([["a", ""]], [["X", "Y"]], r"X\[0\]\[1\]: expected text, found ''"),
        ([["a", "\ud800"]], [["X", "Y"]], r"X\[0\]\[1\]: expected text"),
        (["a b"], [["X", "Y"]], r"X\[0\]: expected a list of words, found 'a b'"),
        ("a b", [["X"]], "X: expected a list of sentences, found 'a b'"),
        ([["a"], ["b"]], [["X"], ["X"]], "at least two different tags, found only 'X'"),
    ],
)
def test_what_are_no_tagged_sentences_is_refused_with_its_place(
    words: object, tags: object, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        Tagger(valid_share=0.4).fit(words, tags)


def test_a_wrong_parameter_is_refused_by_fit() -> None:
    with pytest.raises(OptionError, match="Did you mean 'lstm'"):
        Tagger(cell="lstn").fit(WORDS, TAGS)
    with pytest.raises(NotFittedError):
        Tagger().predict(WORDS)
    with pytest.raises(InputError, match="valid: expected a pair of sentences and tags"):
        Tagger().fit(WORDS, TAGS, valid=3)  # type: ignore[arg-type]
