"""Any damage to any file: a plain refusal, or the very same model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vartai.bundle import BundleContents, read_bundle
from vartai.errors import BundleError

NAMES = ("config.json", "model.safetensors", "tokenizer.json", "metrics.json")

Edit = Callable[[bytes], bytes]


def flip(place: int, mask: int) -> Edit:
    def edit(raw: bytes) -> bytes:
        at = place % len(raw)
        return raw[:at] + bytes([raw[at] ^ mask]) + raw[at + 1 :]

    return edit


def cut(place: int) -> Edit:
    return lambda raw: raw[: place % len(raw)]


def insert(place: int, more: bytes) -> Edit:
    return lambda raw: raw[: place % len(raw)] + more + raw[place % len(raw) :]


PLACES = st.integers(0, 1 << 20)
EDITS = st.one_of(
    st.builds(flip, PLACES, st.integers(1, 255)),
    st.builds(cut, PLACES),
    st.builds(insert, PLACES, st.binary(min_size=1, max_size=9)),
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(NAMES), edit=EDITS)
def test_damage_is_refused_or_changes_nothing(
    name: str, edit: Edit, bundle: Path, contents: BundleContents
) -> None:
    whole = (bundle / name).read_bytes()
    try:
        (bundle / name).write_bytes(edit(whole))
        found = read_bundle(bundle)
    except BundleError as error:
        found = None
        told = str(error)
    finally:
        (bundle / name).write_bytes(whole)
    if found is None:
        assert name in told
    else:
        assert found.config == contents.config
        assert found.tokenizer == contents.tokenizer
        assert found.metrics == contents.metrics
        for key, array in contents.tensors.items():
            assert np.array_equal(found.tensors[key], array)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edit=EDITS)
def test_a_damaged_header_with_right_digests_is_refused_or_read(
    edit: Edit, forge: Callable[[str, bytes], Path], bundle: Path
) -> None:
    """Digests protect from accidents only: an attacker renews them."""
    whole = (bundle / "model.safetensors").read_bytes()
    told = "model.safetensors"
    try:
        tensors = read_bundle(forge("model.safetensors", edit(whole))).tensors
    except BundleError as error:
        tensors, told = {}, str(error)
    finally:
        forge("model.safetensors", whole)
    assert "model.safetensors" in told
    assert all(np.isfinite(array).all() for array in tensors.values())
