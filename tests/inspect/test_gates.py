from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score, matthews_corrcoef

from vartai.errors import InputError, OptionError
from vartai.inspect.gates import agreement, bits, join_gates, saturation
from vartai.nn import LSTM


def test_planted_saturation_is_found() -> None:
    torch.manual_seed(0)
    layers = LSTM(3, 6)
    with torch.no_grad():
        layers.bias_ih_l0[6 + 2] = 9.0  # forget gate of unit 2: open
        layers.bias_ih_l0[6 + 4] = -9.0  # of unit 4: shut
    _, _, traces = layers(torch.randn(50, 3), trace=True)
    gates = {name: gate.numpy() for name, gate in traces["l0"].gates.items()}
    found = saturation(gates)
    assert list(found) == ["input", "forget", "output"]
    assert found["forget"].right[2] == 1.0
    assert found["forget"].left[4] == 1.0
    assert found["forget"].masks() == [2, 4]
    assert found["input"].masks() == []
    assert found["forget"].steps == 50
    # Units 2 and 4 of six.
    assert found["forget"].either == pytest.approx(1 / 3, abs=0.05)
    with pytest.raises(OptionError, match="between 0 and 1, was 2"):
        found["forget"].masks(2)


def test_what_is_no_gate_is_refused() -> None:
    with pytest.raises(InputError, match=r"'hidden' must lie between 0 and 1, found -0.5 to 0.2"):
        saturation({"hidden": np.array([[-0.5, 0.2]])})
    with pytest.raises(InputError, match="'input' must be .T, H. with a step at least"):
        saturation({"input": np.zeros((0, 3))})
    with pytest.raises(OptionError, match="unknown gate 'ouput'; known: input, output. Did you"):
        bits({"input": np.zeros((1, 1)), "output": np.zeros((1, 1))}, "ouput")


def test_agreement_is_that_of_scikit_learn() -> None:
    numbers = np.random.default_rng(3)
    holds = numbers.random(200) < 0.3
    mask = numbers.random((200, 5)) < 0.4
    mask[:, 0] = holds
    mask[:, 1] = ~holds
    mask[:, 2] = True
    mask[:, 3] ^= holds
    found = agreement(mask, holds)
    for unit in range(5):
        assert found.phi[unit] == pytest.approx(matthews_corrcoef(holds, mask[:, unit]))
        column = ~mask[:, unit] if found.phi[unit] < 0 else mask[:, unit]
        assert found.f1[unit] == pytest.approx(f1_score(holds, column))
    assert found.order()[:2] == [0, 1]
    assert found.base_f1 == pytest.approx(f1_score(holds, np.ones(200, bool)))


def test_a_condition_that_never_varies_is_refused() -> None:
    mask = np.ones((3, 2), bool)
    with pytest.raises(InputError, match="holds nowhere in 3 steps"):
        agreement(mask, [False] * 3)
    with pytest.raises(InputError, match="a condition for each step: 2 for"):
        agreement(mask, [True, False])


def test_gates_of_texts_are_joined_if_they_are_the_same_ones() -> None:
    one, two = {"reset": np.zeros((2, 3))}, {"reset": np.ones((1, 3))}
    assert join_gates([one, two])["reset"].shape == (3, 3)
    assert math.isclose(float(join_gates([one, two])["reset"].mean()), 1 / 3)
    with pytest.raises(InputError, match="expected the gates reset, found input"):
        join_gates([one, {"input": np.zeros((1, 3))}])
    with pytest.raises(InputError, match="found none"):
        join_gates([])
