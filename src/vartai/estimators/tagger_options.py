"""A tagger's options as flat names, and back: the estimator's parameters are a config's fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from vartai.data.options import SplitOptions
from vartai.data.tagged.options import TaggedOptions
from vartai.tasks.configs import config_from_mapping
from vartai.tasks.pretraining_options import PretrainingOptions
from vartai.tasks.tag.config import TagConfig, TaggerOptions, TagTextOptions, TagTrainingOptions

TAGGER_PARTS: dict[str, type[Any]] = {
    "reading": TaggedOptions,
    "split": SplitOptions,
    "text": TagTextOptions,
    "model": TaggerOptions,
    "pretraining": PretrainingOptions,
    "training": TagTrainingOptions,
}
"""Every part of `TagConfig`, by the name of its field."""

TAGGER_NOT_IN_PYTHON: dict[tuple[str, str], str] = {
    ("reading", "column"): "tags come as values, not in a named column",
    ("reading", "words"): "words come as values, not in a named column",
    ("reading", "format"): "no file is read",
    ("reading", "encoding"): "Python's texts are decoded",
    ("reading", "max_words"): "guards against misread files; no file is read",
    ("split", "test_share"): "the caller holds the test sentences and calls `score`",
    ("training", "checkpoint"): "`fit` has no folder to write checkpoints to",
}
"""Fields that are no parameters of the estimator, and why. They keep their defaults."""


def tagger_parameter_names(part: str) -> tuple[str, ...]:
    """The fields of a part that are parameters of the estimator."""
    names = (field.name for field in fields(TAGGER_PARTS[part]))
    return tuple(name for name in names if (part, name) not in TAGGER_NOT_IN_PYTHON)


def tagger_config(values: Mapping[str, Any]) -> TagConfig:
    """The configuration that parameters describe.

    Args:
        values: every parameter by name. NumPy's scalars count as the Python values they hold.

    Raises:
        OptionError: a value has the wrong type or is out of bounds.
    """
    made = {
        part: config_from_mapping(
            kind, {name: _plain(values[name]) for name in tagger_parameter_names(part)}
        )
        for part, kind in TAGGER_PARTS.items()
    }
    return TagConfig(**made)


def tagger_parameters(config: TagConfig) -> dict[str, Any]:
    """What `tagger_config` made it of."""
    return {
        name: getattr(getattr(config, part), name)
        for part in TAGGER_PARTS
        for name in tagger_parameter_names(part)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.item() if isinstance(value, np.generic) else value
