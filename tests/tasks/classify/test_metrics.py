from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from vartai.tasks.classify.blend import Blend, fit_blend, log_loss, probabilities
from vartai.tasks.classify.metrics import (
    calibration,
    class_scores,
    confusion,
    decide,
    indicators,
    macro_f1,
    right,
)

TRUTH = indicators([("a",), ("a",), ("b",), ("c",)], ["a", "b", "c"])
SHARES = np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.1, 0.8, 0.1], [0.2, 0.3, 0.5]])


def test_scores_of_a_case_worked_by_hand() -> None:
    chosen = decide(SHARES, multilabel=False)
    assert right(chosen, TRUTH).tolist() == [True, False, True, True]
    assert confusion(chosen, TRUTH).tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    # F1 of a: 2/3, of b: 2/3, of c: 1.
    assert macro_f1(chosen, TRUTH) == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    a, b, _ = class_scores(chosen, TRUTH, ["a", "b", "c"])
    assert (a.precision, a.recall, a.texts) == (1.0, 0.5, 2)
    assert (b.precision, b.recall, b.texts) == (0.5, 1.0, 1)


def test_several_labels_are_right_only_all_together() -> None:
    truth = indicators([("a", "c"), ()], ["a", "b", "c"])
    chosen = decide(np.array([[0.9, 0.1, 0.4], [0.1, 0.2, 0.3]]), multilabel=True)
    assert right(chosen, truth).tolist() == [False, True]


def test_calibration_error_of_a_case_worked_by_hand() -> None:
    confidence = np.array([0.9, 0.9, 0.9, 0.9, 0.6, 0.6])
    correct = np.array([True, True, True, False, True, True])
    found = calibration(confidence, correct)
    assert found.texts == [2, 4]
    assert found.error == pytest.approx((4 * 0.15 + 2 * 0.4) / 6)


def test_full_confidence_falls_into_the_last_bin() -> None:
    assert calibration(np.array([1.0]), np.array([True])).error == 0.0


def test_the_blend_finds_the_path_that_is_worth_more() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 400)
    truth = np.eye(2, dtype=bool)[labels]
    signal = np.where(truth, 1.0, -1.0) + random.normal(0, 1.0, (400, 2))
    noise = random.normal(0, 1.0, (400, 2))
    blend = fit_blend(noise, signal, truth, multilabel=False)
    assert blend.wide > 5 * blend.recurrent
    # Two classes, one path: what scikit-learn's unpenalised regression finds without intercept.
    alone = fit_blend(signal, None, truth, multilabel=False)
    slope = LogisticRegression(C=np.inf, fit_intercept=False)
    slope.fit(signal[:, 1:] - signal[:, :1], labels)
    assert alone.recurrent == pytest.approx(float(slope.coef_[0, 0]), rel=1e-3)
    assert alone.wide == 0.0


@given(st.floats(0.1, 5.0))
def test_temperature_alone_changes_no_prediction(temperature: float) -> None:
    scores = np.random.default_rng(1).normal(size=(30, 4))
    assert (Blend(temperature)(scores, None).argmax(1) == scores.argmax(1)).all()


@pytest.mark.parametrize("multilabel", [False, True])
def test_log_loss_is_the_mean_log_probability_of_the_truth(multilabel: bool) -> None:
    random = np.random.default_rng(2)
    scores = random.normal(size=(20, 3))
    truth = np.eye(3, dtype=bool)[random.integers(0, 3, 20)]
    shares = probabilities(scores, multilabel=multilabel)
    kept = np.where(truth, shares, 1 - shares)
    expected = -np.log(kept).sum(1).mean() if multilabel else -np.log(shares[truth]).mean()
    assert log_loss(scores, truth, multilabel=multilabel) == pytest.approx(expected)
