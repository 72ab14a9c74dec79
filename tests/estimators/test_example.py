from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "classify_reviews.py"


def test_the_example_shows_a_model_that_reads_beside_one_that_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    printed = capsys.readouterr().out
    counted, read = (float(score) for score in re.findall(r"(?:counted|order) +([\d.]+)", printed))
    assert counted == 0.5
    assert read > 0.9
    assert "the film is not bad but good: positive" in printed
