"""`vartai bench`: ratios, or a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tests.cli.commands import Run
from torch import Tensor

from vartai.measure.cases import Case
from vartai.measure.entrants import CONTROL, OURS
from vartai.nn import LSTM


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two small cases in place of the quick ones, and small matrices."""
    cases = [Case("LSTM", 3, 5, 8, ragged=True, training=True), Case("GRU", 1, 1, 8, kind="step")]
    monkeypatch.setattr("vartai.cli.bench_run.quick_cases", lambda: cases)
    monkeypatch.setattr("vartai.measure.peaks._SIZE", 64)


def test_json_holds_every_time_and_what_is_made_of_them(run: Run) -> None:
    said = run("bench", "--seconds", "0.01", "--threads", "1", "--json")
    assert said.code == 0
    answer = said.answer
    assert set(answer) == {"machine", "gflops", "rows", "summary", "noise"}
    layer, step = answer["rows"]
    assert layer["name"] == "LSTM B3 T5 H8, ragged, training"
    assert {OURS, CONTROL, "torch packed", "torch padded"} <= set(layer["times"])
    assert len({len(times) for times in layer["times"].values()}) == 1
    assert layer["ratios"][OURS] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert layer["torch"] in ("torch packed", "torch padded")
    assert step["case"]["kind"] == "step"
    assert "threads" not in answer["machine"]


def test_the_table_is_for_people_and_progress_is_talk(run: Run) -> None:
    said = run("bench", "--seconds", "0.01")
    assert said.code == 0
    assert "LSTM B3 T5 H8, ragged, training" in said.out
    assert "The same code against itself" in said.out
    assert "1/2 LSTM B3 T5 H8, ragged, training" in said.err


def test_where_results_differ_there_are_no_numbers(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = LSTM.forward

    def wrong(self: torch.nn.Module, *inputs: Tensor, **options: Tensor) -> object:
        outputs, state = honest(self, *inputs, **options)
        return outputs.with_data(outputs.data * 1.01), state

    monkeypatch.setattr("vartai.nn.LSTM.forward", wrong)
    said = run("bench", "--seconds", "0.01", "--json")
    assert said.code == 1
    assert said.out == ""
    assert "outputs of vartai differ from those of torch packed" in said.error
    assert "no speed is reported" in said.error


def test_the_picture_is_one_page(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "bench.html"
    assert run("bench", "--seconds", "0.01", "--html", page).code == 0
    text = page.read_text(encoding="utf-8")
    assert "LSTM B3 T5 H8, ragged, training" in text
    assert "Plotly.newPlot" in text


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        (["--threads", "0"], "threads must be at least 1, was 0"),
        (["--seconds", "0"], "seconds must be above 0, was 0.0"),
        (["--cases", "fast"], "quick"),
    ],
)
def test_mistakes_are_told_at_once(run: Run, typed: list[str], problem: str) -> None:
    said = run("bench", *typed)
    assert (said.code, said.out) == (2, "")
    assert problem in said.error
