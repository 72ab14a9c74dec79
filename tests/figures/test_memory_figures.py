"""Curves over distance, and gates as masks."""

from __future__ import annotations

import colorsys
from itertools import pairwise

import numpy as np
import plotly.graph_objects
import pytest

from vartai.errors import OptionError
from vartai.figures.gates import Shares, mask_over_text, saturation_scatter
from vartai.figures.memory import LOOKS, Band, memory_curves

BANDS = {
    "rnn": Band([1.0, 0.1, 0.0], [0.5, 0.05, 0.0], [2.0, 0.2, 0.0]),
    "lstm": Band([1.0, 0.9, None], [0.8, 0.7, None], [1.2, 1.1, None]),
}


def test_curves_hold_their_numbers_on_a_logarithmic_axis() -> None:
    figure = memory_curves(BANDS, axis="∂ state / ∂ state", title="Memory")
    drawn = plotly.graph_objects.Figure(figure).to_plotly_json()
    area, line, _, other = drawn["data"]
    assert drawn["layout"]["yaxis"]["type"] == "log"
    assert drawn["layout"]["yaxis"]["title"]["text"] == "∂ state / ∂ state"
    # Neither 0 nor what is not finite has a place there.
    assert list(line["y"]) == [1.0, 0.1, None]
    assert list(other["y"]) == [1.0, 0.9, None]
    assert list(area["x"]) == [0, 1, 1, 0]
    assert list(area["y"]) == [2.0, 0.2, 0.05, 0.5]
    assert len(memory_curves(BANDS, spread=False)["data"]) == 2


def test_too_many_curves_and_numbers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(OptionError, match="shows 8 curves at most, found 9"):
        memory_curves({str(n): BANDS["rnn"] for n in range(9)})
    with pytest.raises(OptionError, match="found: rnn: mean 2, low 1, high 1"):
        memory_curves({"rnn": Band([1.0, 2.0], [1.0], [1.0])})


def test_neighbouring_curves_differ_in_lightness_and_all_in_mark() -> None:
    assert len({look["symbol"] for look in LOOKS}) == len(LOOKS)
    lightness = []
    for look in LOOKS:
        rgb = [int(look["color"][at : at + 2], 16) / 255 for at in (1, 3, 5)]
        lightness.append(colorsys.rgb_to_hls(*rgb)[1])
    steps = np.abs(np.diff(lightness))
    same_dash = [a["dash"] == b["dash"] for a, b in pairwise(LOOKS)]
    assert not any(same_dash)
    assert steps.min() > 0.02


def test_saturation_is_a_mark_a_unit() -> None:
    figure = saturation_scatter({"forget": Shares([0.1, 0.0], [0.2, 1.0])})
    drawn = plotly.graph_objects.Figure(figure).to_plotly_json()
    (marks,) = drawn["data"]
    assert (list(marks["x"]), list(marks["y"])) == ([0.2, 1.0], [0.1, 0.0])
    assert list(marks["text"]) == ["unit 0", "unit 1"]
    with pytest.raises(OptionError, match="forget: left 1, right 0"):
        saturation_scatter({"forget": Shares([0.1], [])})


def test_a_mask_has_a_column_a_token_and_a_row_a_unit() -> None:
    values = np.array([[0.0, 1.0, 0.25], [1.0, 0.5, 0.75]])
    figure = mask_over_text(values, ["<b>", "not"], units=[2, 0])
    drawn = plotly.graph_objects.Figure(figure).to_plotly_json()
    (heat,) = drawn["data"]
    assert np.asarray(heat["z"]).tolist() == [[0.25, 0.75], [0.0, 1.0]]
    assert list(drawn["layout"]["xaxis"]["ticktext"]) == ["&lt;b&gt;", "not"]
    assert list(drawn["layout"]["yaxis"]["ticktext"]) == ["2", "0"]
    with pytest.raises(OptionError, match="units are 0 to 2, found 3"):
        mask_over_text(values, ["a", "b"], units=[3])
    with pytest.raises(OptionError, match="tokens 1, steps 2"):
        mask_over_text(values, ["a"])
    with pytest.raises(OptionError, match="numbers from 0 to 1"):
        mask_over_text(values * 2, ["a", "b"])
