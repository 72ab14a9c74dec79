"""The example of `docs/memory.md` runs, and the page names every word that a curve is given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.inspect.models import classifier
from tests.tasks.classify.texts import colours

from vartai.bundle.trained import save_task

PAGE = (Path(__file__).parents[2] / "docs" / "memory.md").read_text(encoding="utf-8")


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save_task(Path("reviews-model"), "classify", classifier(), metrics={}, card="")
    (example,) = (block.split("```")[0] for block in PAGE.split("```python\n")[1:])
    tokens = ["is", "not", "red"]
    gates = {"forget": np.array([[0.9, 0.1], [0.2, 0.3], [0.8, 0.6]])}
    names: dict[str, object] = {"texts": colours().texts[:5], "tokens": tokens, "gates": gates}
    exec(example, names)
    assert names["found"].phi.tolist()[0] == pytest.approx(-1)  # type: ignore[attr-defined]


def test_every_verdict_is_explained() -> None:
    for word in ("vanishes", "fades", "holds", "explodes"):
        assert f"`{word}`" in PAGE
