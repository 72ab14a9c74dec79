"""Figures hold the numbers they were given, and say what the axes measure."""

from __future__ import annotations

import colorsys
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.errors import OptionError
from vartai.figures import (
    Figure,
    calibration,
    calibration_error,
    confidence_bins,
    confusion_matrix,
    learning_curve,
    ratio_chart,
    spread_chart,
)
from vartai.figures.figure import LINES, SHADES


def curve() -> Figure:
    return learning_curve(
        passes=[0.5, 1.0, 1.5],
        train_loss=[0.7, 0.5, 0.3],
        valid_loss=[0.6, None, 0.45],
        valid_score=[0.61, None, 0.83],
        best=2,
    )


def matrix() -> Figure:
    return confusion_matrix(counts=[[8, 2], [0, 0]], labels=["<b>good", "bad"])


def reliability() -> Figure:
    return calibration(confidence_bins([0.95, 0.85, 0.55], [True, True, False]))


def ratios() -> Figure:
    return ratio_chart(
        cases=["GRU", "LSTM"],
        ratios={"torch": [(2.0, 1.5, 3.0), (1.0, 0.9, 1.1)], "ONNX Runtime": [None, (1.5, 1, 2)]},
        axis="time over Vartai's",
    )


def titles(figure: Figure) -> list[str]:
    layout = figure["layout"]
    return [layout[name]["title"]["text"] for name in layout if name[1:].startswith("axis")]


@pytest.mark.parametrize("build", [curve, matrix, reliability, ratios])
def test_plotly_accepts_every_property(build: Any) -> None:
    figure = build()
    drawn = plotly.graph_objects.Figure(figure).to_plotly_json()
    assert len(drawn["data"]) == len(figure["data"])
    assert drawn["layout"]["title"]["text"]


def test_a_learning_curve_holds_its_numbers() -> None:
    train, valid, score = curve()["data"]
    assert (train["name"], train["x"], train["y"]) == (
        "training loss",
        [0.5, 1.0, 1.5],
        [0.7, 0.5, 0.3],
    )
    assert (valid["name"], valid["y"]) == ("validation loss", [0.6, None, 0.45])
    assert (score["name"], score["y"], score["yaxis"]) == (
        "validation accuracy",
        [0.61, None, 0.83],
        "y2",
    )


def test_a_learning_curve_marks_the_weights_that_were_kept() -> None:
    (mark,) = curve()["layout"]["shapes"]
    assert (mark["x0"], mark["x1"]) == (1.5, 1.5)


def test_axes_name_their_units() -> None:
    assert [t for t in titles(curve()) if t] == [
        "loss (nats a text)",
        "passes over the training data",
        "accuracy (share of texts)",
    ]
    assert titles(matrix()) == ["predicted label", "true label"]
    assert [t for t in titles(reliability()) if t] == [
        "share that was right",
        "confidence (probability)",
        "texts",
    ]


def test_a_learning_curve_refuses_numbers_that_do_not_belong_together() -> None:
    with pytest.raises(OptionError, match="found: passes 2, train_loss 1, valid_loss 2"):
        learning_curve(
            passes=[1, 2], train_loss=[1.0], valid_loss=[1.0, 2.0], valid_score=[0.1, 0.2]
        )
    with pytest.raises(OptionError, match="best must be one of 1 measurements, was -1"):
        learning_curve(passes=[1], train_loss=[1], valid_loss=[1], valid_score=[1], best=-1)


def test_a_confusion_matrix_shades_shares_and_writes_counts() -> None:
    (heat,) = matrix()["data"]
    assert heat["z"] == [[0.8, 0.2], [0.0, 0.0]]
    assert heat["customdata"] == [[8, 2], [0, 0]]
    written = {(a["x"], a["y"]): a["text"] for a in matrix()["layout"]["annotations"]}
    assert written == {(0, 0): "8", (1, 0): "2", (0, 1): "0", (1, 1): "0"}
    assert heat["text"][0][1] == "true &lt;b&gt;good<br>predicted bad<br>2 texts"


def test_a_true_label_is_a_row_that_reads_downwards() -> None:
    layout = matrix()["layout"]
    assert layout["yaxis"]["autorange"] == "reversed"
    assert layout["yaxis"]["ticktext"] == ["&lt;b&gt;good", "bad"]


@pytest.mark.parametrize(
    ("counts", "fault"),
    [
        ([[1, 2]], "labels 2, rows of counts 1"),
        ([[1, 2], [3]], "labels 2, columns of 'b' 1"),
        ([[1, -2], [3, 4]], "counts of 'a' must not be negative, found -2"),
    ],
)
def test_a_confusion_matrix_must_be_square(counts: list[list[int]], fault: str) -> None:
    with pytest.raises(OptionError, match=fault):
        confusion_matrix(counts=counts, labels=["a", "b"])


def test_many_labels_are_not_written_over_each_other() -> None:
    labels = [str(i) for i in range(26)]
    figure = confusion_matrix(counts=np.eye(26, dtype=int).tolist(), labels=labels)
    assert figure["layout"]["annotations"] == []


def test_calibration_draws_only_intervals_that_hold_predictions() -> None:
    _, measured, bars = reliability()["data"]
    assert measured["x"] == pytest.approx([0.55, 0.85, 0.95])
    assert measured["y"] == [0.0, 1.0, 1.0]
    assert bars["y"] == [0, 0, 0, 0, 0, 1, 0, 0, 1, 1]
    # (0.55 + 0.15 + 0.05) / 3
    assert "0.250" in reliability()["layout"]["title"]["text"]


def test_a_bin_takes_its_upper_edge_and_the_first_takes_zero() -> None:
    bins = confidence_bins([0.0, 0.5, 1.0], [True, True, True], bins=2)
    assert [one.count for one in bins] == [2, 1]


@pytest.mark.parametrize("value", [1.5, -0.1, float("nan")])
def test_a_confidence_outside_its_range_is_refused(value: float) -> None:
    with pytest.raises(OptionError, match=f"between 0 and 1, found {value}"):
        confidence_bins([value], [True])


def test_no_predictions_have_no_calibration() -> None:
    with pytest.raises(OptionError, match="at least one prediction"):
        calibration_error(confidence_bins([], []))


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_every_prediction_falls_into_one_bin(pairs: list[tuple[float, bool]]) -> None:
    bins = confidence_bins([c for c, _ in pairs], [right for _, right in pairs])
    assert sum(one.count for one in bins) == len(pairs)
    assert 0 <= calibration_error(bins) <= 1
    for one in bins:
        inside = one.low - 1e-9 <= one.confidence <= one.high + 1e-9
        assert inside or one.count == 0


def lightness(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return colorsys.rgb_to_hls(red, green, blue)[1]


def test_figures_can_be_read_without_colour() -> None:
    shades = [lightness(colour) for _, colour in SHADES]
    assert all(left > right + 0.1 for left, right in pairwise(shades))
    lines = sorted(lightness(line["color"]) for line in LINES)
    assert all(right > left + 0.1 for left, right in pairwise(lines))
    assert len({line["dash"] for line in LINES}) == len(LINES)


def test_a_chart_of_ratios_leaves_out_what_was_not_measured() -> None:
    torch, onnx = ratios()["data"]
    assert (torch["x"], torch["y"]) == ([2.0, 1.0], ["GRU", "LSTM"])
    assert torch["error_x"]["array"] == pytest.approx([1.0, 0.1])
    assert torch["error_x"]["arrayminus"] == pytest.approx([0.5, 0.1])
    assert (onnx["x"], onnx["y"]) == ([1.5], ["LSTM"])


def test_a_chart_of_ratios_is_logarithmic_with_a_line_at_1() -> None:
    layout = ratios()["layout"]
    assert layout["xaxis"]["type"] == "log"
    (line,) = layout["shapes"]
    assert (line["x0"], line["x1"]) == (1, 1)


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        ([(1.0, 1.0, 1.0)], "cases 2, torch 1"),
        ([(1.0, 1.1, 1.2), None], r"torch, a: 1.0 \(1.1 to 1.2\) is no ratio"),
        ([(0.0, 0.0, 0.0), None], "is no ratio"),
    ],
)
def test_a_chart_of_ratios_refuses_what_is_no_ratio(found: Any, fault: str) -> None:
    with pytest.raises(OptionError, match=fault):
        ratio_chart(cases=["a", "b"], ratios={"torch": found}, axis="ratio")


def test_a_chart_of_scores_shows_every_score_and_the_means() -> None:
    figure = spread_chart({"lstm": [0.5, 0.7], "gru": [0.9]}, axis="accuracy", title="Cells")
    single, mean = figure["data"]
    assert single["x"] == [0.5, 0.7, 0.9]
    assert single["y"] == ["lstm", "lstm", "gru"]
    assert mean["x"] == pytest.approx([0.6, 0.9])
    assert figure["layout"]["shapes"][0]["x0"] == pytest.approx(0.6)
    assert figure["layout"]["yaxis"]["autorange"] == "reversed"
    with pytest.raises(OptionError, match="at least one score of everything that it shows"):
        spread_chart({"lstm": []}, axis="accuracy")
