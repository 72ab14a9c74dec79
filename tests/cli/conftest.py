"""A command line, a table and a trained model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tests.cli.commands import SMALL, Run, Said, make_rows, write_csv

from vartai.cli.main import main


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process."""

    def command(*arguments: str | Path) -> Said:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return command


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums in one order, in this process and in those it starts; also quicker for small models."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A hundred texts of two labels."""
    return write_csv(tmp_path / "table.csv", make_rows(100))


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model on disk. Tests must not change it."""
    folder = tmp_path_factory.mktemp("trained")
    table = write_csv(folder / "table.csv", make_rows(100))
    assert main(["train", "classify", str(table), "--out", str(folder / "model"), *SMALL]) == 0
    return folder / "model"
