"""Going on from a trained model: what has to be the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vartai.errors import OptionError


def require_same(start: Any, config: Any, shaping: Mapping[str, Sequence[str]]) -> None:
    """Refuse to go on from a model of another shape.

    Args:
        start: configuration of the model to go on from.
        config: configuration that was asked for.
        shaping: part of the configuration → its options that decide the shape.

    Raises:
        OptionError: one of them differs; names both values.
    """
    for part, names in shaping.items():
        for name in names:
            old, new = (getattr(getattr(each, part), name) for each in (start, config))
            if old != new:
                raise OptionError(f"{name} is {old} in the model to continue, {new} was asked for")
