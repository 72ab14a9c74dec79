"""Tensors that are not those of the configuration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vartai.bundle import require_tensors
from vartai.errors import BundleError

EXPECTED = {"rnn.weight_ih_l0": (12, 4), "rnn.weight_hh_l0": (12, 3)}


def good() -> dict[str, np.ndarray[Any, Any]]:
    return {name: np.ones(shape, np.float32) for name, shape in EXPECTED.items()}


def test_the_expected_tensors_pass() -> None:
    require_tensors(EXPECTED, good(), "model")


def test_a_missing_tensor_is_named() -> None:
    tensors = good()
    del tensors["rnn.weight_hh_l0"]
    with pytest.raises(BundleError, match="model: tensor 'rnn.weight_hh_l0' is missing"):
        require_tensors(EXPECTED, tensors, "model")


def test_an_unexpected_tensor_is_named() -> None:
    tensors = {**good(), "extra": np.ones(1, np.float32)}
    with pytest.raises(BundleError, match="model: tensor 'extra' is not expected"):
        require_tensors(EXPECTED, tensors, "model")


def test_a_transposed_tensor_is_named_with_both_shapes() -> None:
    tensors = {**good(), "rnn.weight_hh_l0": np.ones((3, 12), np.float32)}
    fault = r"tensor 'rnn.weight_hh_l0' has shape \(3, 12\), expected \(12, 3\)"
    with pytest.raises(BundleError, match=fault):
        require_tensors(EXPECTED, tensors, "model")


def test_another_type_is_named() -> None:
    tensors = {**good(), "rnn.weight_hh_l0": np.ones((12, 3), np.float16)}
    with pytest.raises(BundleError, match="has type float16, expected float32"):
        require_tensors(EXPECTED, tensors, "model")


def test_a_value_that_is_not_finite_is_named_with_its_place() -> None:
    tensors = good()
    tensors["rnn.weight_ih_l0"][3, 1] = np.nan
    fault = r"tensor 'rnn.weight_ih_l0' holds nan at \(3, 1\)"
    with pytest.raises(BundleError, match=fault):
        require_tensors(EXPECTED, tensors, "model")


def test_every_fault_is_counted() -> None:
    with pytest.raises(BundleError, match=r"'extra0' is not expected.*\(and 7 more\)"):
        require_tensors(EXPECTED, {f"extra{i}": np.ones(1) for i in range(10)}, "model")
