"""Bundles of another format or version, and files that were exchanged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Forge = Callable[[str, bytes], Path]
Refused = Callable[[Path, str], None]


def with_field(bundle: Path, name: str, value: object) -> bytes:
    config = json.loads((bundle / "config.json").read_text(encoding="utf-8"))
    config[name] = value
    return json.dumps(config).encode()


@pytest.mark.parametrize("version", [0, 2, "1", True, 1.0, None])
def test_another_version_is_refused_with_what_to_do(
    version: object, bundle: Path, forge: Forge, refused: Refused
) -> None:
    folder = forge("config.json", with_field(bundle, "version", version))
    refused(
        folder,
        f"bundle version {version}, this Vartai reads version 1; install the Vartai that wrote",
    )


def test_another_format_is_refused(bundle: Path, forge: Forge, refused: Refused) -> None:
    folder = forge("config.json", with_field(bundle, "format", "other"))
    refused(folder, 'not a bundle of Vartai; expected "format": "vartai-bundle"')


def test_an_unknown_field_is_named(bundle: Path, forge: Forge, refused: Refused) -> None:
    folder = forge("config.json", with_field(bundle, "run_this", "rm"))
    refused(folder, "missing: none; unknown: 'run_this'")


def test_a_changed_label_is_noticed(bundle: Path, forge: Forge, refused: Refused) -> None:
    raw = (bundle / "config.json").read_bytes().replace(b"geras", b"geras ")
    refused(forge("config.json", raw), "config.json: content does not match its own sha256 digest")


def test_weights_of_another_model_are_noticed(bundle: Path, refused: Refused) -> None:
    raw = bytearray((bundle / "model.safetensors").read_bytes())
    raw[-1] ^= 1
    (bundle / "model.safetensors").write_bytes(raw)
    refused(bundle, "model.safetensors: content does not match the sha256 digest that config.json")


def test_a_file_is_no_bundle(bundle: Path, refused: Refused) -> None:
    refused(bundle / "config.json", "config.json: a bundle is a folder, this is a file")


def test_a_missing_folder_is_told(tmp_path: Path, refused: Refused) -> None:
    refused(tmp_path / "nowhere", "nowhere: no such folder")
