"""A bare hyphen is standard input, wherever a file may stand."""

from __future__ import annotations

from subprocess import PIPE

import pytest
from tests.cli.commands import finish, start

TABLE = "text,label\ngood,positive\nbad,negative\n"


@pytest.mark.parametrize("typed", [["-"], ["-", "--text", "text"], ["--label", "label", "-"]])
def test_a_hyphen_is_read_as_a_file_before_and_after_options(typed: list[str]) -> None:
    said = finish(start("check", *typed, stdin=PIPE), TABLE)
    assert said.code == 0, said.error
    assert said.out.startswith("-: csv, 2 usable rows")


def test_a_hyphen_is_the_value_of_an_option() -> None:
    said = finish(start("predict", "nowhere", "--input", "-", stdin=PIPE), "good\n")
    assert said.code == 2
    assert "nowhere: no such folder" in said.error


def test_a_mistyped_option_beside_a_hyphen_is_still_named() -> None:
    said = finish(start("check", "-", "--nonsense", stdin=PIPE), TABLE)
    assert said.code == 2
    assert "Unknown option: --nonsense" in said.error
