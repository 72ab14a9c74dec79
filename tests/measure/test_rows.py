"""A row: measured, kept, summed up."""

from __future__ import annotations

import json

import pytest
import torch

from vartai.kernels import native
from vartai.measure.cases import Case
from vartai.measure.entrants import CONTROL, OURS
from vartai.measure.rows import Row, measure, threads
from vartai.measure.summary import noise, summarise

BASE = [1.0, 1.1, 0.9, 1.0, 1.2, 1.0, 1.0]


def row(packed: float, padded: float) -> Row:
    """A row in which torch's two ways take so many times as long."""
    ways = {OURS: 1.0, CONTROL: 1.02, "torch packed": packed, "torch padded": padded}
    times = {name: [factor * time for time in BASE] for name, factor in ways.items()}
    return Row(Case("LSTM", 32, 100, 128, ragged=True), times, {})


def test_a_measured_row_survives_being_written_down() -> None:
    found = measure(Case("GRU", 3, 4, 8, ragged=True, training=True), seconds=0.0)
    assert found.rounds >= 6
    assert {OURS, CONTROL, "torch packed", "torch padded"} <= found.times.keys()
    assert Row.from_json(json.loads(json.dumps(found.as_json()))) == found


def test_the_faster_of_torchs_ways_counts() -> None:
    assert row(4.0, 3.0).torch_name == "torch padded"
    assert row(2.0, 3.0).torch_name == "torch packed"
    found = summarise([row(8.0, 9.0), row(4.0, 2.0)])
    assert found is not None
    assert (found.rows, found.mean, found.worst.value) == pytest.approx((2, 4.0, 2.0))


def test_the_noise_is_the_widest_of_all_controls() -> None:
    assert noise([row(2.0, 3.0)]) == pytest.approx((1.02, 1.02))


def test_a_row_is_measured_on_its_instruction_set_and_no_other_after_it() -> None:
    if not native.HAS_CORE:
        pytest.skip("needs the compiled core")
    before = native.instruction_set()
    found = measure(Case("GRU", 3, 4, 8, instruction_set="portable"), seconds=0.0)
    assert OURS in found.times
    assert native.instruction_set() == before


def test_threads_are_given_back() -> None:
    before = torch.get_num_threads()
    with threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before
