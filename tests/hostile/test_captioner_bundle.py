"""A captioner's bundle in hostile hands: refused by name, in little memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.hostile.conftest import seal

from vartai.bundle.trained import load_task, save_task
from vartai.errors import BundleError
from vartai.images.options import PictureOptions
from vartai.tasks.caption.config import CaptionConfig, CaptionerOptions, CaptionWords
from vartai.tasks.caption.start import fresh_task

CONFIG = CaptionConfig(
    pictures=PictureOptions(picture_size=8, places=2, width=4, annotation_size=4),
    text=CaptionWords(min_frequency=1),
    model=CaptionerOptions(hidden_size=4, embedding_size=4, attention_size=4),
)
Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    task = fresh_task(CONFIG, ["one dog", "two dogs"])
    save_task(tmp_path / "model", "caption", task, metrics={}, card="# model\n")
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
        (options("model", "start_layers", 1_000_000_000), "start_layers must be at least 1"),
        (options("model", "attention", "none"), "'looking.attention.score' is not expected"),
        (options("model", "encoder", "given"), "is not expected"),
        (options("pictures", "picture_size", 1_000_000), "picture_size must be at least 1"),
        (options("pictures", "annotation_size", 5), "has shape"),
        (options("pictures", "blocks", 1_000_000), "blocks must be at least 0 and below"),
        (options("writing", "beam", 1_000_000), "beam must be at least 1 and below 129"),
        (options("writing", "glance", "eval"), "unknown glance 'eval'"),
        (options("text", "max_tokens", 10**9), "max_tokens must be at least 2 and below"),
        (options("table", "code", "print()"), "unknown option in table 'code'"),
        (lambda content: content["config"].update(labels=[]), "has one object, options"),
    ],
)
def test_a_changed_configuration_is_refused(saved: Path, how: Change, told: str) -> None:
    change(saved, "config.json", how)
    with pytest.raises(BundleError, match=told):
        load_task(saved)


def test_another_tokenizer_is_refused(saved: Path) -> None:
    def more(content: dict[str, Any]) -> None:
        content["model"]["vocab"]["cat"] = len(content["model"]["vocab"])

    change(saved, "tokenizer.json", more)
    with pytest.raises(BundleError, match="has shape"):
        load_task(saved)
