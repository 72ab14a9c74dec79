"""Files that lead elsewhere, or that never end."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from vartai.bundle import read_bundle, require_tensors
from vartai.errors import BundleError

Forge = Callable[[str, bytes], Path]
Refused = Callable[[Path, str], None]


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_link_out_of_the_folder_is_refused(
    name: str, bundle: Path, tmp_path: Path, refused: Refused
) -> None:
    (bundle / name).rename(tmp_path / "elsewhere")
    (bundle / name).symlink_to(tmp_path / "elsewhere")
    refused(bundle, f"{name}: a link; the files of a bundle must lie in its folder")


def test_a_link_to_a_device_is_refused(bundle: Path, refused: Refused) -> None:
    (bundle / "README.md").unlink()
    (bundle / "README.md").symlink_to("/dev/zero")
    refused(bundle, "README.md: a link")


def test_a_pipe_is_refused_without_waiting(bundle: Path, refused: Refused) -> None:
    (bundle / "metrics.json").unlink()
    os.mkfifo(bundle / "metrics.json")
    refused(bundle, "metrics.json: not an ordinary file")


def test_a_folder_in_place_of_a_file_is_refused(bundle: Path, refused: Refused) -> None:
    (bundle / "metrics.json").unlink()
    (bundle / "metrics.json").mkdir()
    refused(bundle, "metrics.json: cannot be read: Is a directory")


def test_a_task_that_is_a_path_is_refused(bundle: Path, forge: Forge, refused: Refused) -> None:
    config = json.loads((bundle / "config.json").read_text(encoding="utf-8"))
    config["task"] = "../../evil"
    raw = json.dumps(config).encode()
    refused(forge("config.json", raw), "task should be a lower-case name, is '../../evil'")


def test_a_digest_for_a_foreign_path_is_refused(
    bundle: Path, forge: Forge, refused: Refused
) -> None:
    config = json.loads((bundle / "config.json").read_text(encoding="utf-8"))
    config["files"]["/etc/passwd"] = "0" * 64
    raw = json.dumps(config).encode()
    refused(forge("config.json", raw), "config.json: files should give one digest for each of")


def test_a_tensor_with_a_path_for_a_name_writes_nothing(
    bundle: Path, forge: Forge, tmp_path: Path
) -> None:
    name = "../../escaped"
    raw = safetensors.numpy.save({name: np.ones(2, np.float32)})
    before = sorted(tmp_path.rglob("*"))
    tensors = read_bundle(forge("model.safetensors", raw)).tensors
    assert sorted(tmp_path.rglob("*")) == before
    with pytest.raises(BundleError, match="tensor '../../escaped' is not expected"):
        require_tensors({}, tensors, "model")
