"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from vartai.bundle import BundleContents, write_bundle

# A shared or slow machine must not turn a property into a failure; a failure must be repeatable.
hypothesis.settings.register_profile("vartai", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("vartai")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of public data sets (`docs/data.md`).

    Absent, the test is skipped on a developer's machine and fails in CI, where leaving it out
    would look like passing.
    """
    named = os.environ.get("VARTAI_DATA")
    if named:
        folder = Path(named)
        if not folder.is_dir():
            pytest.fail(f"VARTAI_DATA names {named!r}, which is not a folder")
        return folder.resolve()
    reason = "needs public data sets: set VARTAI_DATA to their folder (docs/data.md)"
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI=true, yet this test {reason}")
    pytest.skip(reason)


@pytest.fixture
def contents() -> BundleContents:
    """A small trained task, taken apart: no symmetric numbers, labels outside ASCII."""
    numbers = np.random.default_rng(7)
    return BundleContents(
        task="classify",
        config={"labels": ["geras", "blogas", "š"], "model": {"cell": "lstm", "hidden_size": 3}},
        tensors={
            "embedding.weight": numbers.standard_normal((5, 2)).astype(np.float32),
            "rnn.weight_hh_l0": numbers.standard_normal((12, 3)).astype(np.float32),
            "wide.rows": np.arange(4, dtype=np.int64),
        },
        tokenizer='{"version": "1.0", "vocab": {"<pad>": 0, "<unk>": 1, "ačiū": 2}}',
        metrics={"test": {"accuracy": 0.875, "macro_f1": 0.8125}},
        card="---\nlibrary_name: vartai\n---\n\n# Šis modelis\n",
    )


@pytest.fixture
def bundle(tmp_path: Path, contents: BundleContents) -> Path:
    """The folder of `contents`, saved."""
    folder = tmp_path / "model"
    write_bundle(folder, contents)
    return folder
