"""`vartai inspect`: what is refused before anything is served, and the report."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from vartai.cli.main import main
from vartai.serve.inspector import report
from vartai.serve.running import listen, port_of


def _error(capsys: pytest.CaptureFixture[str], *typed: object) -> tuple[int, str]:
    code = main(["inspect", *map(str, typed)])
    return code, capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        (["--html", "x.html"], "--html is a report of a text: expected one after the model"),
        (["--what-if", "x"], "--what-if is an edited copy: expected the text itself, too"),
        (["--column", "upos"], "--column is of tagged sentences: expected --corpus FILE, too"),
        (["", "--html", "x.html"], "text: expected text, found none"),
        (["a", "b"], "expected text after the model, found 2 texts"),
        (["--port", "70000"], "port must be at least 0 and below 65536, was 70000"),
        (["--corpus", "no-such.txt"], "no-such.txt: cannot be opened: No such file"),
    ],
)
def test_mistakes_are_told_in_a_line(
    model: Path, capsys: pytest.CaptureFixture[str], typed: list[str], problem: str
) -> None:
    code, said = _error(capsys, model, *typed)
    assert code == 2
    assert said.startswith(f"vartai: error: {problem}")


def test_a_folder_that_is_no_model_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = _error(capsys, tmp_path, "--no-open")
    assert code == 2
    assert str(tmp_path) in said


def test_a_port_in_use_is_told(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with listen(0) as taken:
        code, said = _error(capsys, model, "--no-open", "--port", port_of(taken))
    assert code == 2
    assert "is in use, perhaps by another vartai; --port 0 takes a free one" in said


def test_an_absent_extra_gives_the_line_that_installs_it(
    model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    code, said = _error(capsys, model)
    assert code == 2
    assert said == (
        "vartai: error: Looking into a model needs an optional part: pip install 'vartai[inspect]'"
    )


def test_a_report_that_would_be_too_large_is_refused(
    model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "report.html"
    monkeypatch.setattr(report, "MOST_NUMBERS", 95)
    code, said = _error(capsys, model, "so good", "--html", path)
    assert code == 2
    assert "a report holds 95 numbers at most, this text has 96: give a shorter one" in said
    assert not path.exists()
