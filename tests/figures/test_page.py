"""A figure's page: whole in one file, and safe whatever the labels say."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from vartai.errors import MissingExtra, OptionError, SaveError
from vartai.figures import confusion_matrix, write_figure

FIGURE = confusion_matrix(
    counts=[[8, 2], [1, 9]], labels=["geras", "</script><script>alert(1)</script>"], title="A & B"
)


def numbers_in(page: str) -> object:
    found = re.search(r'<script type="application/json" id="numbers">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found.group(1))


def test_a_page_holds_the_numbers_and_the_script(tmp_path: Path) -> None:
    write_figure(FIGURE, tmp_path / "figure.html")
    page = (tmp_path / "figure.html").read_text(encoding="utf-8")
    assert numbers_in(page) == FIGURE
    assert "<title>A &amp; B</title>" in page
    assert page.count("Plotly.newPlot(") >= 1
    assert len(page) > 1_000_000
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=", page.split("<script>")[0])
    assert "<script src" not in page
    assert [file.name for file in tmp_path.iterdir()] == ["figure.html"]


def test_a_label_cannot_end_the_script(tmp_path: Path) -> None:
    hostile = {"data": [], "layout": {"title": {"text": "</script><script>alert(1)</script>"}}}
    write_figure(hostile, tmp_path / "figure.html")
    page = (tmp_path / "figure.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert numbers_in(page) == hostile


def test_without_plotly_the_install_line_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotly.offline", None)
    with pytest.raises(MissingExtra, match=r"pip install 'vartai\[inspect\]'"):
        write_figure(FIGURE, tmp_path / "figure.html")
    assert list(tmp_path.iterdir()) == []


def test_a_number_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    broken = {"data": [{"y": [float("nan")]}], "layout": {"title": {"text": "x"}}}
    with pytest.raises(OptionError, match="a number that is not finite"):
        write_figure(broken, tmp_path / "figure.html")


def test_a_page_that_cannot_be_written_leaves_the_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "figure.html").write_text("earlier")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(SaveError, match="figure.html: could not be written: No space left"):
        write_figure(FIGURE, tmp_path / "figure.html")
    assert (tmp_path / "figure.html").read_text() == "earlier"
    assert [file.name for file in tmp_path.iterdir()] == ["figure.html"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="No such file or directory"):
        write_figure(FIGURE, tmp_path / "nowhere" / "figure.html")
