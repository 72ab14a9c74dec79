"""Weights that poison every answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

Forge = Callable[[str, bytes], Path]
Refused = Callable[[Path, str], None]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_refused(
    value: float, forge: Forge, refused: Refused
) -> None:
    weights = np.ones((2, 3), np.float32)
    weights[1, 2] = value
    raw = safetensors.numpy.save({"rnn.weight_hh_l0": weights})
    fault = f"tensor 'rnn.weight_hh_l0' holds {value} at (1, 2)"
    refused(forge("model.safetensors", raw), fault)
