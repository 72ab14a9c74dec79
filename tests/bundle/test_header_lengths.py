"""Weights whose header has just as many bytes as the first two bytes of a pickle would say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vartai.bundle import BundleContents, read_bundle, write_bundle


@pytest.mark.parametrize("length", [0x280, 0x380, 0x480, 0x580])
def test_an_honest_header_is_no_pickle(
    tmp_path: Path, contents: BundleContents, length: int
) -> None:
    around = len('{"":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}')
    name = "w" * (length - around)
    write_bundle(
        tmp_path / "model", replace(contents, tensors={name: np.ones(2, dtype=np.float32)})
    )
    raw = (tmp_path / "model" / "model.safetensors").read_bytes()
    assert raw[:2] == length.to_bytes(2, "little")
    assert read_bundle(tmp_path / "model").tensors.keys() == {name}
