"""The same key twice: two readers would see two models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Forge = Callable[[str, bytes], Path]
Refused = Callable[[Path, str], None]


def test_a_duplicate_key_in_the_config_is_refused(
    bundle: Path, forge: Forge, refused: Refused
) -> None:
    text = (bundle / "config.json").read_text(encoding="utf-8")
    twice = text.replace('"task"', '"task": "tag", "task"')
    refused(forge("config.json", twice.encode()), "config.json: not the JSON expected: the key 'ta")


def test_a_duplicate_token_is_refused(forge: Forge, refused: Refused) -> None:
    raw = b'{"vocab": {"good": 1, "good": 2}}'
    refused(forge("tokenizer.json", raw), "tokenizer.json: not the JSON expected: the key 'good'")


def test_a_duplicate_tensor_is_refused(forge: Forge, refused: Refused) -> None:
    entry = b'"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}'
    text = b"{" + entry + b", " + entry + b"}"
    raw = len(text).to_bytes(8, "little") + text + bytes(4)
    refused(forge("model.safetensors", raw), "header: not the JSON expected: the key 'w' occurs tw")
