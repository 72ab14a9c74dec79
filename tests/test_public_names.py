"""The public face: `vartai.__all__` is sorted, complete and importable."""

from __future__ import annotations

import vartai


def test_public_names_are_listed_in_order() -> None:
    assert list(vartai.__all__) == sorted(set(vartai.__all__))


def test_every_public_name_is_there() -> None:
    assert [name for name in vartai.__all__ if not hasattr(vartai, name)] == []
