"""A classifier's options as flat names, and back: the estimator's parameters are a config's fields.

The names of all parts differ, so that a parameter can do without the name of its part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from vartai.data.options import SplitOptions, TableOptions
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.tasks.configs import config_from_mapping
from vartai.tasks.pretraining_options import PretrainingOptions
from vartai.text.options import TextOptions
from vartai.training.options import TrainingOptions

PARTS: dict[str, type[Any]] = {
    "table": TableOptions,
    "split": SplitOptions,
    "text": TextOptions,
    "model": ClassifierOptions,
    "pretraining": PretrainingOptions,
    "training": TrainingOptions,
}
"""Every part of `ClassifyConfig`, by the name of its field."""

NOT_IN_PYTHON: dict[tuple[str, str], str] = {
    ("table", "text"): "texts come as values, not in a named column",
    ("table", "label"): "labels come as values, not in a named column",
    ("table", "format"): "no file is read",
    ("table", "delimiter"): "no file is read",
    ("table", "header"): "no file is read",
    ("table", "encoding"): "Python's texts are decoded",
    ("table", "max_characters"): "guards against misread files; no file is read",
    ("split", "test_share"): "the caller holds the test texts and calls `score`",
    ("training", "checkpoint"): "`fit` has no folder to write checkpoints to",
}
"""Fields that are no parameters of an estimator, and why. They keep their defaults."""


def parameter_names(part: str) -> tuple[str, ...]:
    """The fields of a part that are parameters of the estimator."""
    names = (field.name for field in fields(PARTS[part]))
    return tuple(name for name in names if (part, name) not in NOT_IN_PYTHON)


def config_from_parameters(values: Mapping[str, Any]) -> ClassifyConfig:
    """The configuration that parameters describe.

    Args:
        values: every parameter by name. NumPy's scalars count as the Python values they hold.

    Raises:
        OptionError: a value has the wrong type or is out of bounds.
    """
    made = {
        part: config_from_mapping(
            kind, {name: _plain(values[name]) for name in parameter_names(part)}
        )
        for part, kind in PARTS.items()
    }
    return ClassifyConfig(**made)


def parameters_from_config(config: ClassifyConfig) -> dict[str, Any]:
    """What `config_from_parameters` made it of."""
    return {
        name: getattr(getattr(config, part), name)
        for part in PARTS
        for name in parameter_names(part)
    }


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
