"""A translator's options as flat names, and back: the parameters are a config's fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from vartai.data.pair_options import PairOptions
from vartai.tasks.configs import config_from_mapping
from vartai.tasks.translate.config import (
    ChoiceOptions,
    PieceOptions,
    TranslateConfig,
    TranslatorOptions,
    TranslatorTraining,
    WritingOptions,
)

TRANSLATOR_PARTS: dict[str, type[Any]] = {
    "pairs": PairOptions,
    "text": PieceOptions,
    "model": TranslatorOptions,
    "writing": WritingOptions,
    "choice": ChoiceOptions,
    "training": TranslatorTraining,
}
"""Every part of `TranslateConfig`, by the name of its field."""

TRANSLATOR_NOT_IN_PYTHON: dict[tuple[str, str], str] = {
    ("pairs", "source"): "texts come as values, not in a named column",
    ("pairs", "target"): "translations come as values, not in a named column",
    ("pairs", "format"): "no file is read",
    ("pairs", "delimiter"): "no file is read",
    ("pairs", "header"): "no file is read",
    ("pairs", "encoding"): "Python's texts are decoded",
    ("pairs", "max_characters"): "guards against misread files; no file is read",
    ("pairs", "test_share"): "the caller holds the test pairs and calls `score`",
    ("training", "checkpoint"): "`fit` has no folder to write checkpoints to",
}
"""Fields that are no parameters of the estimator, and why. They keep their defaults."""


def translator_parameter_names(part: str) -> tuple[str, ...]:
    """The fields of a part that are parameters of the estimator."""
    names = (field.name for field in fields(TRANSLATOR_PARTS[part]))
    return tuple(name for name in names if (part, name) not in TRANSLATOR_NOT_IN_PYTHON)


def translator_config(values: Mapping[str, Any]) -> TranslateConfig:
    """The configuration that parameters describe.

    Args:
        values: every parameter by name. NumPy's scalars count as the Python values they hold.

    Raises:
        OptionError: a value has the wrong type or is out of bounds.
    """
    made = {
        part: config_from_mapping(
            kind, {name: _plain(values[name]) for name in translator_parameter_names(part)}
        )
        for part, kind in TRANSLATOR_PARTS.items()
    }
    return TranslateConfig(**made)


def translator_parameters(config: TranslateConfig) -> dict[str, Any]:
    """What `translator_config` made it of."""
    return {
        name: getattr(getattr(config, part), name)
        for part in TRANSLATOR_PARTS
        for name in translator_parameter_names(part)
    }


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
