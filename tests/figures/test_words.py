"""Figures of words hold their numbers, and tell for from against without colour."""

from __future__ import annotations

import json
from typing import Any

import plotly.graph_objects
import pytest

from vartai.errors import OptionError
from vartai.figures.words import Bars, pair_bars, word_bars, word_colours

TOKENS = ["not", "<b>", "not"]


def figures() -> list[dict[str, Any]]:
    effects = {"running": [0.5, -2.0, 0.0], "left-out": [None, 0.25, -0.1]}
    first = Bars(TOKENS, [0.5, -2.0, 0.0], "<i>yes")
    second = Bars(["good"], [1.0], "no")
    return [
        word_colours(tokens=TOKENS, effects=effects),
        word_bars(tokens=TOKENS, effects=effects["left-out"], title="bars"),
        pair_bars(first=first, second=second, title="pair"),
    ]


@pytest.mark.parametrize("place", range(3))
def test_plotly_accepts_every_property_and_the_figure_is_json(place: int) -> None:
    figure = figures()[place]
    plotly.graph_objects.Figure(json.loads(json.dumps(figure, allow_nan=False)))


def test_colours_are_shares_of_each_methods_largest_and_numbers_stay_what_they_are() -> None:
    [trace] = figures()[0]["data"]
    assert trace["z"] == [[0.25, -1.0, 0.0], [None, 1.0, -0.4]]
    assert trace["customdata"] == [[0.5, -2.0, 0.0], [None, 0.25, -0.1]]
    written = [note["text"] for note in figures()[0]["layout"]["annotations"]]
    assert written == ["+0.50", "-2.00", "+0.00", "+0.25", "-0.10"]


def test_two_equal_words_are_two_places_and_no_word_is_read_as_html() -> None:
    [trace] = figures()[1]["data"]
    assert trace["x"] == ["1 not", "2 &lt;b&gt;", "3 not"]
    assert figures()[2]["layout"]["annotations"][0]["text"] == "&lt;i&gt;yes"


def test_what_speaks_against_is_hatched() -> None:
    [trace] = figures()[1]["data"]
    assert trace["marker"]["pattern"]["shape"] == ["", "", "/"]


def test_the_two_texts_of_a_pair_share_their_scale() -> None:
    layout = figures()[2]["layout"]
    assert layout["yaxis2"]["matches"] == "y"
    assert [trace["yaxis"] for trace in figures()[2]["data"]] == ["y", "y2"]


def test_numbers_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(OptionError, match="found: tokens 2, running 1"):
        word_colours(tokens=["a", "b"], effects={"running": [1.0]})
    with pytest.raises(OptionError, match="at least one token and one method"):
        word_bars(tokens=[], effects=[], title="")
