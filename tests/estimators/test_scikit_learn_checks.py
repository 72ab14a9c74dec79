"""scikit-learn's own checks of an estimator.

They only know numbers, so they see `TextClassifier` through a subclass that writes each row of
numbers as a text; all the rest is the estimator's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.utils.estimator_checks import parametrize_with_checks

from vartai import TextClassifier


class RowClassifier(TextClassifier):
    """A `TextClassifier` that reads rows of numbers."""

    def fit(self, X: Any, y: Any) -> RowClassifier:  # type: ignore[override]  # noqa: N803
        super().fit(_as_texts(X), y)
        return self

    def predict_proba(self, X: Any) -> Any:  # noqa: N803
        return super().predict_proba(_as_texts(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        tags.input_tags.one_d_array = False
        tags.input_tags.string = False
        tags.classifier_tags.poor_score = True  # numbers as words, one epoch
        return tags


def _as_texts(rows: Any) -> Any:
    return [" ".join(map(str, row)) for row in np.asarray(rows)]


NO_FEATURES = "a text has any number of words: there is no fixed number of features to hold to"
NO_NUMBERS = "X is text: what makes a number unfit (NaN, infinite, complex) makes no text unfit"
ROWS_BY_THE_TEST = "X reaches the estimator as texts, so it cannot see that the rows were odd"

EXPECTED_TO_FAIL = {
    "check_n_features_in": NO_FEATURES,
    "check_n_features_in_after_fitting": NO_FEATURES,
    "check_estimators_empty_data_messages": NO_FEATURES,
    "check_classifiers_train": NO_FEATURES,
    "check_complex_data": NO_NUMBERS,
    "check_dtype_object": NO_NUMBERS,
    "check_estimators_nan_inf": NO_NUMBERS,
    "check_estimator_sparse_tag": ROWS_BY_THE_TEST,
    "check_estimator_sparse_array": ROWS_BY_THE_TEST,
    "check_estimator_sparse_matrix": ROWS_BY_THE_TEST,
    "check_fit1d": ROWS_BY_THE_TEST,
    "check_fit2d_predict1d": ROWS_BY_THE_TEST,
    "check_supervised_y_2d": "labels [n, 1] are one column, taken as they are without a warning",
}


def _expected_to_fail(_: RowClassifier) -> dict[str, str]:
    return EXPECTED_TO_FAIL


@parametrize_with_checks(
    [RowClassifier(cell="bag", embedding_size=4, epochs=1, batch_size=256, valid_share=0.3)],
    expected_failed_checks=_expected_to_fail,
    xfail_strict=True,
)
def test_a_check_of_scikit_learn_passes(
    estimator: RowClassifier, check: Callable[[RowClassifier], None]
) -> None:
    check(estimator)
