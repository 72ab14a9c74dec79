"""Heat maps of units, running predictions and maps of attention."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from vartai.errors import OptionError
from vartai.figures.attention import attention_map
from vartai.figures.heat_map import SIGNED, heat_map
from vartai.figures.running import likeliest, running_prediction

VALUES = np.array([[0.5, -1.0], [0.123456, 0.25], [0.0, 1.0]], dtype=np.float32)
TOKENS = ["not", "<b>", " "]


def test_a_heat_map_holds_units_by_tokens_and_names_each_place() -> None:
    figure = heat_map(values=VALUES, tokens=TOKENS, units=[7, 3], title="hidden", share=False)
    (drawn,) = figure["data"]
    assert drawn["z"] == [[0.5, 0.1235, 0.0], [-1.0, 0.25, 1.0]]
    assert drawn["x"] == ["1 not", "2 &lt;b&gt;", "3 ␣"]
    assert drawn["y"] == ["unit 7", "unit 3"]
    assert (drawn["zmin"], drawn["zmax"]) == (-1.0, 1.0)
    assert json.loads(json.dumps(figure)) == figure


def test_gates_have_a_scale_from_0_to_1_and_states_one_with_0_in_its_middle() -> None:
    gates = heat_map(values=VALUES, tokens=TOKENS, units=[0, 1], title="forget", share=True)
    assert (gates["data"][0]["zmin"], gates["data"][0]["zmax"]) == (0.0, 1.0)
    zeros = heat_map(values=VALUES * 0, tokens=TOKENS, units=[0, 1], title="", share=False)
    assert (zeros["data"][0]["zmin"], zeros["data"][0]["zmax"]) == (-1.0, 1.0)
    wide = heat_map(values=VALUES, tokens=TOKENS, units=[0, 1], title="", share=False, bound=2.5)
    assert wide["data"][0]["zmax"] == 2.5


def test_the_scale_of_signed_values_grows_lighter_all_the_way() -> None:
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2

    found = [lightness(str(colour)) for _, colour in SIGNED]
    assert all(dark + 0.05 < light for dark, light in itertools.pairwise(found))


def test_of_many_tokens_only_some_are_written_and_all_are_told_by_hovering() -> None:
    tokens = [f"word{n}" for n in range(300)]
    values = np.zeros((300, 512), dtype=np.float32)
    figure = heat_map(values=values, tokens=tokens, units=range(512), title="", share=True)
    axis = figure["layout"]["xaxis"]
    assert len(axis["tickvals"]) == len(axis["ticktext"]) == 60
    assert axis["ticktext"][1] == tokens[axis["tickvals"][1]]
    assert len(set(figure["data"][0]["x"])) == 300
    assert len(json.dumps(figure)) < 2_000_000


def test_a_running_prediction_of_few_labels_is_lines_and_of_many_a_heat_map() -> None:
    shares = np.array([[0.25, 0.75], [np.nan, np.nan], [0.9, 0.1]])
    lines = running_prediction(probabilities=shares, labels=["a", "b"], tokens=TOKENS)
    assert [line["y"] for line in lines["data"]] == [[0.25, None, 0.9], [0.75, None, 0.1]]
    assert lines["data"][0]["line"]["dash"] != lines["data"][1]["line"]["dash"]
    many = running_prediction(
        probabilities=np.full((3, 5), 0.2), labels=list("abcde"), tokens=TOKENS
    )
    assert many["data"][0]["type"] == "heatmap"
    assert np.array(many["data"][0]["z"]).shape == (5, 3)


def test_the_likeliest_labels_are_written_in_their_order() -> None:
    shares = np.array([[0.5, 0.25], [0.75, 0.125]])
    figure = likeliest(probabilities=shares, names=[("a", "<"), ("\n", "b")], tokens=["x", ""])
    (drawn,) = figure["data"]
    assert drawn["text"] == [["a", "⏎"], ["&lt;", "b"]]
    assert drawn["z"] == [[0.5, 0.75], [0.25, 0.125]]
    assert drawn["x"] == ["1 x", "2 (start)"]


def test_a_map_of_attention_holds_rows_that_look_at_columns() -> None:
    weights = np.array([[0.25, 0.75]])
    figure = attention_map(weights=weights, rows=["y"], columns=["a", "b"])
    assert figure["data"][0]["z"] == [[0.25, 0.75]]
    assert figure["data"][0]["y"] == ["1 y"]


def test_numbers_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(OptionError, match="tokens 2, rows of values 3"):
        heat_map(values=VALUES, tokens=["a", "b"], units=[0, 1], title="", share=True)
    with pytest.raises(OptionError, match=r"a heat map needs numbers \[tokens, units\], found \[0"):
        heat_map(values=VALUES[:0], tokens=[], units=[0, 1], title="", share=True)
    with pytest.raises(OptionError, match=r"needs numbers \[3 tokens, 1 labels\], found \[3, 2\]"):
        running_prediction(probabilities=VALUES, labels=["a"], tokens=TOKENS)
    with pytest.raises(OptionError, match="rows 2, rows of weights 1"):
        attention_map(weights=np.ones((1, 1)), rows=["a", "b"], columns=["c"])
    with pytest.raises(OptionError, match="columns of probabilities 2, names of a row 1"):
        likeliest(probabilities=np.ones((1, 2)), names=[("a",)], tokens=["x"])
