"""The order of gates: its examples are in its docstrings, its use in the tests of every format."""

from __future__ import annotations

import pytest
import torch

from vartai.exchange.gate_order import to_onnx_order


def test_weights_that_do_not_divide_into_gates_are_refused() -> None:
    with pytest.raises(ValueError, match=r"GRU has 3 gates, weights were \[8, 2\]"):
        to_onnx_order("GRU", torch.zeros(8, 2))
