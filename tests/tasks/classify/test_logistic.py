"""Logistic regression of each class, as all linear models share it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression

from vartai.tasks.classify.logistic import fit_logistic, log_odds

FEATURES = csr_array(np.random.default_rng(0).random((80, 5)) ** 3)
CLASS = (FEATURES.toarray() @ np.array([3.0, -2.0, 0.5, 1.0, -3.0]) > 0).astype(int)


def test_two_classes_are_one_logistic_regression_shared_out() -> None:
    scores = fit_logistic(
        FEATURES, np.eye(2, dtype=bool)[CLASS], inverse_penalty=3, multilabel=False
    )
    expected = LogisticRegression(C=3, solver="liblinear", dual=True, tol=1e-3, random_state=0)
    expected.fit(FEATURES, CLASS)
    np.testing.assert_allclose(
        softmax(scores(FEATURES), axis=1), expected.predict_proba(FEATURES), rtol=1e-6
    )


def test_several_labels_are_decided_each_by_itself() -> None:
    truth = np.stack([CLASS == 1, np.arange(80) % 2 == 0, CLASS == 0], axis=1)
    scores = fit_logistic(FEATURES, truth, inverse_penalty=3, multilabel=True)(FEATURES)
    alone = fit_logistic(FEATURES, truth[:, :1], inverse_penalty=3, multilabel=True)(FEATURES)
    np.testing.assert_array_equal(scores[:, :1], alone)
    assert ((scores[:, 0] > 0) == truth[:, 0]).mean() > 0.8


def test_a_class_without_examples_scores_its_rarity_everywhere() -> None:
    truth = np.stack([CLASS == 1, np.zeros(80, bool), np.ones(80, bool)], axis=1)
    scores = fit_logistic(FEATURES, truth, inverse_penalty=3, multilabel=True)(FEATURES)
    np.testing.assert_allclose(expit(scores[:, 1]), 1 / 82)
    np.testing.assert_allclose(expit(scores[:, 2]), 81 / 82)


def test_log_odds_are_those_of_naive_bayes() -> None:
    features = csr_array(np.array([[2.0, 0.0], [1.0, 1.0], [0.0, 3.0]]))
    found = log_odds(features, np.array([True, True, False]))
    # In the class: counts 2 and 1, outside: 0 and 1; one is added to each.
    assert found == pytest.approx([np.log((3 / 5) / (1 / 3)), np.log((2 / 5) / (2 / 3))])
