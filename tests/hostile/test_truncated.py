"""Files cut short, as by a broken download."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Forge = Callable[[str, bytes], Path]
Refused = Callable[[Path, str], None]


def test_weights_cut_short_are_refused(bundle: Path, forge: Forge, refused: Refused) -> None:
    raw = (bundle / "model.safetensors").read_bytes()
    refused(forge("model.safetensors", raw[:-1]), "model.safetensors: tensors need")


def test_an_empty_weights_file_is_refused(forge: Forge, refused: Refused) -> None:
    refused(forge("model.safetensors", b""), "model.safetensors: 0 bytes, too short")


@pytest.mark.parametrize("name", ["config.json", "metrics.json", "tokenizer.json"])
def test_json_cut_short_is_refused(name: str, bundle: Path, forge: Forge, refused: Refused) -> None:
    raw = (bundle / name).read_bytes()
    refused(forge(name, raw[: len(raw) // 2]), f"{name}: not the JSON expected")


@pytest.mark.parametrize(
    "name", ["config.json", "metrics.json", "tokenizer.json", "model.safetensors", "README.md"]
)
def test_a_missing_file_is_named(name: str, bundle: Path, refused: Refused) -> None:
    (bundle / name).unlink()
    refused(bundle, f"{name}: missing")
