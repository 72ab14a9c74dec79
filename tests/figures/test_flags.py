"""Figures of units hold the numbers they were given and can be read without colour."""

from __future__ import annotations

import plotly.graph_objects
import pytest

from vartai.errors import OptionError
from vartai.figures.flags import ranking_curve, unit_histogram, unit_over_text


def test_all_units_are_shown_best_first_with_what_chance_reaches() -> None:
    figure = ranking_curve(
        ["l0.hidden.0", "l0.hidden.1"], [0.6, 0.9], [0.5, 0.8], critical=0.7, value="Fem"
    )
    plotly.graph_objects.Figure(figure)
    ranked, held, level = figure["data"]
    assert (ranked["y"], held["y"], level["y"]) == ([0.9, 0.6], [0.8, 0.5], [0.7, 0.7])
    assert ranked["text"] == ["l0.hidden.1", "l0.hidden.0"]
    assert ranked["marker"]["symbol"] != held["marker"]["symbol"]
    with pytest.raises(OptionError, match="units 1, ranked 2"):
        ranking_curve(["a"], [0.6, 0.9], [0.5, 0.8], critical=0.7, value="Fem")


def test_a_histogram_gives_shares_of_each_kind_and_marks_the_threshold() -> None:
    figure = unit_histogram("l0.hidden.3", [0.0, 1.0, 1.0], [-1.0] * 4, value="Fem", threshold=0.2)
    plotly.graph_objects.Figure(figure)
    ours, rest = figure["data"]
    assert (sum(ours["y"]), sum(rest["y"])) == (pytest.approx(1), pytest.approx(1))
    assert (ours["y"][-1], rest["y"][0]) == (pytest.approx(2 / 3), 1.0)
    assert rest["marker"]["pattern"]["shape"]
    assert not ours["marker"]["pattern"]["shape"]
    assert figure["layout"]["shapes"][0]["x0"] == 0.2
    assert plotly.graph_objects.Figure(unit_histogram("u", [1.0], [1.0], value="Fem"))
    with pytest.raises(OptionError, match="found none of the rest"):
        unit_histogram("u", [1.0], [], value="Fem")
    with pytest.raises(OptionError, match="values of Fem must be finite"):
        unit_histogram("u", [float("nan")], [1.0], value="Fem")


def test_a_unit_over_a_text_is_darker_where_it_is_higher_and_can_be_read() -> None:
    tokens = [("Alisa", 0, 5), ("ir", 6, 8), ("Tomas", 9, 14)]
    found = unit_over_text("l0.cell.1", tokens, [-2.0, 0.0, 1.0], low=-1.0, high=1.0)
    colors = [token["color"] for token in found["tokens"]]
    assert colors == ["#ffffff", "#8fb0cf", "#16324f"]
    assert [token["ink"] for token in found["tokens"]] == ["#1f2933", "#1f2933", "#d5dbe1"]
    assert found["tokens"][1] | {"color": "", "ink": ""} == {
        "text": "ir",
        "start": 6,
        "end": 8,
        "value": 0.0,
        "color": "",
        "ink": "",
    }
    with pytest.raises(OptionError, match=r"high must be above low \(1.0\), was 1.0"):
        unit_over_text("u", tokens, [0.0] * 3, low=1.0, high=1.0)
