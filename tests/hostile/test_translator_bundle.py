"""A translator's bundle in hostile hands: refused by name, in little memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.hostile.conftest import seal

from vartai.bundle.trained import load_task, save_task
from vartai.errors import BundleError
from vartai.tasks.translate.config import PieceOptions, TranslateConfig, TranslatorOptions
from vartai.tasks.translate.start import fresh_task

CONFIG = TranslateConfig(
    text=PieceOptions(vocabulary_size=270, shared=False),
    model=TranslatorOptions(hidden_size=4, embedding_size=4),
)
Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    task = fresh_task(CONFIG, ["one two"], ["vienas du"])
    save_task(tmp_path / "model", "translate", task, metrics={}, card="# model\n")
    load_task(tmp_path / "model")
    return tmp_path / "model"


def change(folder: Path, name: str, how: Change) -> None:
    content = json.loads((folder / name).read_text(encoding="utf-8"))
    how(content)
    (folder / name).write_text(json.dumps(content), encoding="utf-8")
    seal(folder)


def options(part: str, name: str, value: Any) -> Change:
    def how(content: dict[str, Any]) -> None:
        content["config"]["options"][part][name] = value

    return how


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (options("model", "hidden_size", 60_000), "has shape"),
        (options("model", "decoder_layers", 1_000_000_000), "decoder_layers must be at least 1"),
        (options("model", "attention", "dot"), "'decoder.attention.key.weight' is not expected"),
        (options("model", "tied", False), "'output' is missing"),
        (options("text", "shared", True), "expected the field 'model'"),
        (options("writing", "beam", 1_000_000), "beam must be at least 1 and below 129"),
        (options("writing", "max_ratio", -1.0), "max_ratio must be above 0"),
        (options("pairs", "code", "print()"), "unknown option in pairs 'code'"),
        (lambda content: content["config"].update(labels=[]), "has one object, options"),
        (lambda content: content["config"].update(options=[]), "has one object, options"),
    ],
)
def test_a_configuration_that_lies_is_refused(saved: Path, how: Change, told: str) -> None:
    change(saved, "config.json", how)
    with pytest.raises(BundleError, match=told):
        load_task(saved)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (lambda content: content.pop("target"), "expected source and target"),
        (lambda content: content.update(extra={}), "expected source and target"),
        (lambda content: content.update(source=[]), "expected the file to be an object"),
        (lambda content: content.update(source={"type": "x"}), "expected the type"),
        (
            lambda content: content["target"]["model"].update(merges=[["a", "zz"]]),
            "expected merges of known tokens",
        ),
        (
            lambda content: content["target"]["model"]["vocab"].update(more=270),
            "has shape|expected the ids",
        ),
    ],
)
def test_tokenizers_that_do_not_fit_are_refused(saved: Path, how: Change, told: str) -> None:
    change(saved, "tokenizer.json", how)
    with pytest.raises(BundleError, match=told):
        load_task(saved)
