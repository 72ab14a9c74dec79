"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

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
