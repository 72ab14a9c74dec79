"""The page of published speed: every mark is filled, and nothing is measured twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import kernels
from vartai.measure.cases import Case
from vartai.measure.rows import Row, measure

CASES = [
    Case("LSTM", 3, 5, 8, ragged=True, training=True),
    Case("GRU", 3, 5, 8),
    Case("GRU", 1, 1, 8, kind="step"),
    Case("LSTM", 3, 5, 8, kind="layer norm"),
]


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Names of the cases measured, small ones in place of the published."""
    names: list[str] = []

    def counted(case: Case, *, seconds: float, thorough: bool, compiled: bool) -> Row:
        names.append(case.name)
        return measure(case, seconds=seconds, thorough=thorough, compiled=compiled)

    monkeypatch.setattr(kernels, "full_cases", lambda _: CASES)
    monkeypatch.setattr(kernels, "measure", counted)
    monkeypatch.setattr("vartai.measure.peaks._SIZE", 64)
    monkeypatch.setattr("vartai.measure.cases.SIZES", ((3, 5, 8),))
    return names


def test_an_interrupted_run_goes_on_and_fills_the_page(
    measured: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = tmp_path / "kernels.md"
    page.write_text(kernels.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    typed = ["kernels", "--out", page, "--runs", tmp_path / "runs", "--seconds", "0.01"]
    monkeypatch.setattr("sys.argv", [*map(str, typed), "--threads", "1"])
    kernels.main()
    assert measured == [case.name for case in CASES]
    first = page.read_text(encoding="utf-8")
    assert "| LSTM B3 T5 H8, ragged, training (fill" in first
    assert "| torch's faster way, geometric mean |" in first

    kernels.main()
    assert len(measured) == len(CASES)
    assert page.read_text(encoding="utf-8") == first


def test_what_was_measured_otherwise_is_measured_again(measured: list[str], tmp_path: Path) -> None:
    for machine in ("this", "this", "another"):
        kernels.Measuring(tmp_path, machine, 0.01, compiled=False).row(CASES[1])
    assert len(measured) == 2
