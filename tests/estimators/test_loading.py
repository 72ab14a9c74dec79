from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.base import clone

import vartai
from vartai import BundleError, SaveError, TextClassifier


def test_a_loaded_classifier_has_the_parameters_and_gives_the_same_bits(
    fitted: TextClassifier, texts: list[str], tmp_path: Path
) -> None:
    fitted.save(tmp_path / "model")
    loaded = vartai.load(str(tmp_path / "model"))
    assert loaded.get_params() == fitted.get_params()
    assert (loaded.predict_proba(texts) == fitted.predict_proba(texts)).all()
    assert loaded.predict(texts).tolist() == fitted.predict(texts).tolist()
    assert loaded.metrics_ == fitted.metrics_
    assert loaded.card_ == fitted.card_


def test_a_loaded_classifier_can_be_saved_again_and_fitted_afresh(
    fitted: TextClassifier, texts: list[str], labels: list[str], tmp_path: Path
) -> None:
    fitted.save(tmp_path / "model")
    loaded = vartai.load(tmp_path / "model")
    loaded.save(tmp_path / "again")
    names = ("config.json", "model.safetensors", "tokenizer.json", "metrics.json", "README.md")
    for name in names:
        assert (tmp_path / "model" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    afresh = clone(loaded).fit(texts, labels)
    assert (afresh.predict_proba(texts) == fitted.predict_proba(texts)).all()


def test_parameters_set_after_fit_are_not_those_that_are_saved(
    tiny: TextClassifier, texts: list[str], labels: list[str], tmp_path: Path
) -> None:
    tiny.fit(texts, labels).set_params(hidden_size=99).save(tmp_path / "model")
    assert vartai.load(tmp_path / "model").hidden_size == 4


def test_whole_numbers_are_texts_after_loading(
    tiny: TextClassifier, texts: list[str], tmp_path: Path
) -> None:
    labels = [10, 2] * 5
    tiny.fit(texts, labels).save(tmp_path / "model")
    loaded = vartai.load(tmp_path / "model")
    assert tiny.classes_.tolist() == [2, 10]
    assert loaded.classes_.tolist() == ["10", "2"]
    assert (loaded.predict_proba(texts) == tiny.predict_proba(texts)[:, ::-1]).all()
    assert loaded.predict(texts).tolist() == [str(label) for label in tiny.predict(texts)]
    assert loaded.score(texts, labels) == tiny.score(texts, labels)


def test_several_labels_and_n_grams_are_saved_too(texts: list[str], tmp_path: Path) -> None:
    classifier = TextClassifier(
        label_separator=";", wide=True, hidden_size=4, embedding_size=4, epochs=1, valid_share=0.2
    )
    classifier.fit(texts, [("good",), ("bad", "sad")] * 5).save(tmp_path / "model")
    loaded = vartai.load(tmp_path / "model")
    assert (loaded.predict_proba(texts) == classifier.predict_proba(texts)).all()
    assert loaded.label_separator == ";"


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="config.json|nowhere"):
        vartai.load(tmp_path / "nowhere")


def test_a_file_in_the_way_is_not_overwritten(fitted: TextClassifier, tmp_path: Path) -> None:
    (tmp_path / "model").write_text("mine")
    with pytest.raises((SaveError, vartai.OptionError), match="model"):
        fitted.save(tmp_path / "model")
    assert (tmp_path / "model").read_text() == "mine"
