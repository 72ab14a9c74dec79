from __future__ import annotations

from dataclasses import MISSING, fields
from typing import get_type_hints

import numpy as np
import pytest

from vartai import OptionError, TextClassifier
from vartai.estimators.options import (
    NOT_IN_PYTHON,
    PARTS,
    config_from_parameters,
    parameter_names,
    parameters_from_config,
)
from vartai.tasks.classify.config import ClassifyConfig


def test_the_parameters_are_the_fields_of_the_configuration() -> None:
    expected = [name for part in PARTS for name in parameter_names(part)]
    assert sorted(field.name for field in fields(TextClassifier)) == sorted(expected)
    assert len(set(expected)) == len(expected)


@pytest.mark.parametrize("part", PARTS)
def test_defaults_and_types_are_those_of_the_configuration(part: str) -> None:
    own = {field.name: field for field in fields(TextClassifier)}
    own_types, types = get_type_hints(TextClassifier), get_type_hints(PARTS[part])
    for field in fields(PARTS[part]):
        if (part, field.name) in NOT_IN_PYTHON:
            continue
        assert field.default is not MISSING
        assert own[field.name].default == field.default, field.name
        assert own_types[field.name] == types[field.name], field.name


def test_every_part_of_the_configuration_is_known() -> None:
    hints = get_type_hints(ClassifyConfig)
    assert {name: hints[name] for name in PARTS} == PARTS
    assert [field.name for field in fields(ClassifyConfig)] == list(PARTS)


def test_what_is_left_out_exists() -> None:
    for part, name in NOT_IN_PYTHON:
        assert name in [field.name for field in fields(PARTS[part])]


def test_an_untouched_classifier_has_the_configuration_of_the_command_line() -> None:
    assert config_from_parameters(TextClassifier().get_params()) == ClassifyConfig()


def test_parameters_survive_the_way_through_a_configuration() -> None:
    parameters = TextClassifier(cell="gru", unit="char", label_separator=";").get_params()
    assert parameters_from_config(config_from_parameters(parameters)) == parameters


def test_scalars_of_numpy_count_as_the_values_they_hold() -> None:
    parameters = TextClassifier(layers=np.int64(2), learning_rate=np.float32(0.5)).get_params()
    config = config_from_parameters(parameters)
    assert (config.model.layers, config.training.learning_rate) == (2, 0.5)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"hidden_size": "large"}, "hidden_size must be of type int, was 'large'"),
        ({"hidden_size": 0}, "hidden_size must be at least 1"),
        ({"wide": 1}, "wide must be of type bool, was 1"),
        ({"cell": "lstn"}, "Did you mean 'lstm'"),
        ({"valid_share": 0.7}, "valid_share must be above 0 and below 0.5"),
        ({"label_separator": ""}, "label_separator must not be empty"),
    ],
)
def test_a_wrong_parameter_is_stored_and_refused_by_fit(
    wrong: dict[str, object], message: str, texts: list[str], labels: list[str]
) -> None:
    classifier = TextClassifier(**wrong)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match=message):
        classifier.fit(texts, labels)


def test_an_unknown_parameter_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="hiden_size"):
        TextClassifier(hiden_size=3)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="Invalid parameter 'hiden_size'"):
        TextClassifier().set_params(hiden_size=3)
