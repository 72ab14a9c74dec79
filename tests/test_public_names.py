"""The public faces: what `__all__` lists is sorted, complete and importable."""

from __future__ import annotations

from types import ModuleType

import pytest

import vartai
from vartai import exchange, inspect

FACES = pytest.mark.parametrize("face", [vartai, inspect, exchange], ids=lambda face: face.__name__)


@FACES
def test_public_names_are_listed_in_order(face: ModuleType) -> None:
    assert list(face.__all__) == sorted(set(face.__all__))


@FACES
def test_every_public_name_is_there(face: ModuleType) -> None:
    assert [name for name in face.__all__ if not hasattr(face, name)] == []
    assert set(face.__all__) <= set(dir(face))


@FACES
def test_no_other_name_is_there(face: ModuleType) -> None:
    with pytest.raises(AttributeError, match=f"{face.__name__}' has no attribute"):
        _ = face.nothing
