"""Where benchmarks look for the public data sets."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.public_data import data_folder


def test_the_variable_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VARTAI_DATA", str(tmp_path))
    assert data_folder() == tmp_path


@pytest.mark.parametrize("named", [None, ""])
def test_without_it_there_is_a_word_of_what_to_set(
    monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    monkeypatch.delenv("VARTAI_DATA", raising=False)
    if named is not None:
        monkeypatch.setenv("VARTAI_DATA", named)
    with pytest.raises(SystemExit, match="set VARTAI_DATA to the folder of public data sets"):
        data_folder()


def test_a_name_of_no_folder_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VARTAI_DATA", str(tmp_path / "gone"))
    with pytest.raises(SystemExit, match="gone', which is not a folder"):
        data_folder()
