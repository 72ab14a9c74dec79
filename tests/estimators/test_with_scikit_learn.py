from __future__ import annotations

import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from vartai import TextClassifier


def _lowercase(texts: list[str]) -> list[str]:
    return [text.lower() for text in texts]


def test_a_clone_has_the_parameters_and_is_not_fitted(fitted: TextClassifier) -> None:
    twin = clone(fitted)
    assert twin.get_params() == fitted.get_params()
    assert not hasattr(twin, "classes_")


def test_it_ends_a_pipeline(tiny: TextClassifier, texts: list[str], labels: list[str]) -> None:
    pipeline = make_pipeline(FunctionTransformer(_lowercase), tiny)
    pipeline.fit([text.upper() for text in texts], labels)
    assert (pipeline.predict_proba(["GOOD FILM"]) == tiny.predict_proba(["good film"])).all()
    assert pipeline.score(texts, labels) == tiny.score(texts, labels)


def test_a_grid_is_searched(tiny: TextClassifier, texts: list[str], labels: list[str]) -> None:
    search = GridSearchCV(tiny, {"hidden_size": [2, 3]}, cv=2, error_score="raise")
    search.fit(texts * 2, labels * 2)
    assert search.best_params_["hidden_size"] in (2, 3)
    assert search.predict(texts[:3]).shape == (3,)


@pytest.mark.parametrize("scoring", [None, "accuracy", "roc_auc"])
def test_scores_are_cross_validated(
    scoring: str | None, tiny: TextClassifier, texts: list[str], labels: list[str]
) -> None:
    assert (
        cross_val_score(tiny, texts, labels, cv=2, scoring=scoring, error_score="raise").size == 2
    )


def test_several_labels_a_text_are_cross_validated(tiny: TextClassifier, texts: list[str]) -> None:
    tiny.set_params(label_separator="+")
    labels = ["good+en", "bad+en"] * 5
    assert cross_val_score(tiny, texts, labels, cv=2, error_score="raise").size == 2
