"""A reader's options as flat names, and back: the estimator's parameters are a config's fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from vartai.data.options import SplitOptions
from vartai.data.questions.options import QuestionOptions
from vartai.tasks.answer.config import (
    AnswerConfig,
    AnswerTrainingOptions,
    ReaderOptions,
    WordOptions,
)
from vartai.tasks.configs import config_from_mapping

READER_PARTS: dict[str, type[Any]] = {
    "questions": QuestionOptions,
    "split": SplitOptions,
    "text": WordOptions,
    "model": ReaderOptions,
    "training": AnswerTrainingOptions,
}
"""Every part of `AnswerConfig`, by the name of its field."""

READER_NOT_IN_PYTHON: dict[tuple[str, str], str] = {
    ("questions", "format"): "no file is read",
    ("questions", "context"): "contexts come as values, not in a named column",
    ("questions", "question"): "questions come as values, not in a named column",
    ("questions", "answer"): "answers come as values, not in a named column",
    ("questions", "answer_start"): "an answer brings its start along",
    ("questions", "empty_answers"): "None says that there is no answer",
    ("questions", "delimiter"): "no file is read",
    ("questions", "encoding"): "Python's texts are decoded",
    ("split", "test_share"): "the caller holds the test questions and calls `score`",
    ("training", "checkpoint"): "`fit` has no folder to write checkpoints to",
}
"""Fields that are no parameters of the estimator, and why. They keep their defaults."""


def reader_parameter_names(part: str) -> tuple[str, ...]:
    """The fields of a part that are parameters of the estimator."""
    names = (field.name for field in fields(READER_PARTS[part]))
    return tuple(name for name in names if (part, name) not in READER_NOT_IN_PYTHON)


def reader_config(values: Mapping[str, Any]) -> AnswerConfig:
    """The configuration that parameters describe.

    Args:
        values: every parameter by name. NumPy's scalars count as the Python values they hold.

    Raises:
        OptionError: a value has the wrong type or is out of bounds.
    """
    made = {
        part: config_from_mapping(
            kind, {name: _plain(values[name]) for name in reader_parameter_names(part)}
        )
        for part, kind in READER_PARTS.items()
    }
    return AnswerConfig(**made)


def reader_parameters(config: AnswerConfig) -> dict[str, Any]:
    """What `reader_config` made it of."""
    return {
        name: getattr(getattr(config, part), name)
        for part in READER_PARTS
        for name in reader_parameter_names(part)
    }


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
