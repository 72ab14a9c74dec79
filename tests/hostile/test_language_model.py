"""A language model's bundle in which something was changed by somebody who can renew digests."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.hostile.conftest import seal
from tests.tasks.generate.text import CONFIG

from vartai.bundle.trained import load_task, save_task
from vartai.errors import BundleError
from vartai.tasks.generate.build import build_language_model
from vartai.tasks.generate.task import GenerateTask
from vartai.text.options import TextOptions
from vartai.text.tokenizer import train_tokenizer


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    tokenizer = train_tokenizer(["abc"], TextOptions(unit="char", min_frequency=1))
    model = build_language_model(CONFIG, vocabulary_size=tokenizer.size, unknown_id=1)
    folder = tmp_path / "model"
    task = GenerateTask(CONFIG, tokenizer, model, False)
    save_task(folder, "generate", task, metrics={}, card="card\n")
    assert load_task(folder).name == "generate"
    return folder


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda c: c.update(ends=3), "ends should be true or false"),
        (lambda c: c.update(extra=1), "a language model's config has options and ends; found"),
        (lambda c: c["options"]["model"].update(cell="gruu"), "gruu"),
        (lambda c: c["options"]["model"].update(layers=10**9), "layers must be at least 1 and"),
        (lambda c: c["options"]["model"].update(hidden_size=13), "has shape"),
        (lambda c: c["options"]["model"].update(tied=True), "is not expected"),
        (
            lambda c: c["options"]["model"].update(softmax="adaptive", cutoffs=["9" * 5000]),
            "cutoffs must be whole numbers",
        ),
        (
            lambda c: c["options"]["model"].update(softmax="adaptive", cutoffs=["99"]),
            "cutoffs must ascend between 0 and the 5 tokens",
        ),
        (lambda c: c["options"]["text"].update(unit="word"), "expected units of word, found char"),
        (lambda c: c["options"]["training"].update(seed="x"), "must be of type int, was 'x'"),
    ],
)
def test_a_changed_configuration_is_refused_by_name(
    saved: Path, change: Change, fault: str
) -> None:
    place = saved / "config.json"
    config = json.loads(place.read_text(encoding="utf-8"))
    change(config["config"])
    place.write_text(json.dumps(config), encoding="utf-8")
    seal(saved)
    with pytest.raises(BundleError, match=re.escape(fault)):
        load_task(saved)
