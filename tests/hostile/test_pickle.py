"""Pickles under any name: nothing of them is ever run."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from vartai.bundle import read_bundle

Forge = Callable[[str, bytes], Path]
Refused = Callable[[Path, str], None]


class Trap:
    """Unpickling one makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.path), "w")


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_in_place_of_weights_is_refused(
    protocol: int, tmp_path: Path, forge: Forge, refused: Refused
) -> None:
    raw = pickle.dumps(Trap(tmp_path / "sprung"), protocol=protocol)
    refused(forge("model.safetensors", raw), "model.safetensors: a pickle or archive under another")
    assert not (tmp_path / "sprung").exists()


def test_an_archive_in_place_of_weights_is_refused(forge: Forge, refused: Refused) -> None:
    refused(forge("model.safetensors", b"PK\x03\x04" + bytes(100)), "a pickle or archive")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "weights.PT", "extra.pkl", "state.joblib"])
def test_a_pickle_beside_the_weights_is_refused_by_name(
    name: str, bundle: Path, refused: Refused
) -> None:
    (bundle / name).write_bytes(b"")
    refused(bundle, f"{name}: a pickled file, which could run code, has no place in a bundle")


def test_other_files_are_left_alone(bundle: Path) -> None:
    (bundle / "notes.txt").write_text("mine")
    assert read_bundle(bundle).task == "classify"
