"""`--config` and `--print-config`: the options as a file, and what holds over what."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.commands import Run

from vartai.data.options import TableOptions
from vartai.tasks.catalogue import TASKS, find_config
from vartai.tasks.classify.config import ClassifyConfig
from vartai.tasks.config_files import read_config, write_config
from vartai.tasks.configs import config_from_mapping


@pytest.mark.parametrize("task", TASKS)
def test_no_two_options_share_a_name(task: str) -> None:
    config = find_config(task)
    hints = get_type_hints(config)
    names = [option.name for part in fields(config) for option in fields(hints[part.name])]
    assert sorted(names) == sorted(set(names))
    decided = config.DECIDED_BY_START
    assert {name for part in decided for name in decided[part]} <= set(names)


def test_what_is_printed_is_what_is_read(run: Run, tmp_path: Path) -> None:
    typed = ["--text", "a", "--text", "b", "--no-bidirectional", "--time", "10m", "--clip", "2"]
    printed = run("train", "classify", *typed, "--print-config")
    assert printed.code == 0
    file = tmp_path / "options.toml"
    file.write_text(printed.out)
    again = run("train", "classify", "--config", file, "--print-config")
    assert again.out == printed.out
    config = config_from_mapping(ClassifyConfig, read_config(file, ClassifyConfig))
    assert config.table.text == ("a", "b")
    assert (config.model.bidirectional, config.training.time) == (False, "10m")
    assert config.training.clip == 2.0


def test_what_is_typed_holds_over_the_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "options.toml"
    file.write_text("[model]\nhidden_size = 32\nlayers = 2\n[training]\nclip = 3\n")
    said = run("train", "classify", "--config", file, "--hidden-size", "128", "--print-config")
    assert "hidden_size = 128" in said.out  # the default, but typed
    assert "layers = 2" in said.out
    assert "clip = 3.0" in said.out


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[model]\nhiden_size = 3", "Did you mean 'hidden_size'"),
        ("[modle]\n", "Did you mean 'model'"),
        ("[model]\nhidden_size = '3'", "model.hidden_size must be of type int"),
        ("[model]\nlayers = true", "model.layers must be of type int"),
        ("model = 3", "model must be a table"),
        ("[model", "expected TOML"),
        ("[training]\nepochs = 0", "epochs must be at least 1"),
    ],
)
def test_a_wrong_file_is_a_mistake_named_with_the_file(
    run: Run, tmp_path: Path, content: str, problem: str
) -> None:
    file = tmp_path / "options.toml"
    file.write_text(content)
    said = run("train", "classify", "--config", file, "--print-config")
    assert said.code == 2
    assert "options.toml" in said.error
    assert problem in said.error


def test_a_file_that_is_not_there_is_a_mistake(run: Run) -> None:
    said = run("train", "classify", "--config", "absent.toml", "--print-config")
    assert said.code == 2
    assert "absent.toml: cannot be read" in said.error


@given(st.text(min_size=1), st.lists(st.text(), unique=True))
def test_any_text_survives_a_file(label: str, columns: list[str]) -> None:
    table = TableOptions(label=label, text=tuple(name for name in columns if name != label))
    config = replace(ClassifyConfig(), table=table)
    parts = tomllib.loads(write_config(config))
    assert config_from_mapping(ClassifyConfig, parts) == config
