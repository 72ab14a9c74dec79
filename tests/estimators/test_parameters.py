"""The parameters of every estimator are the options of the command line."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, get_type_hints

import numpy as np
import pytest

from vartai import (
    Captioner,
    LanguageModel,
    OptionError,
    Reader,
    Tagger,
    TextClassifier,
    Translator,
)
from vartai.estimators.captioner import CAPTIONER
from vartai.estimators.classifier import CLASSIFIER
from vartai.estimators.language_model import LANGUAGE_MODEL
from vartai.estimators.loading import ESTIMATORS
from vartai.estimators.parameters import Parameters
from vartai.estimators.reader import READER
from vartai.estimators.tagger import TAGGER
from vartai.estimators.translator import TRANSLATOR
from vartai.tasks.catalogue import TASKS, find_config

# By task: the estimator, its parameters, and some that are not the usual ones.
EVERY: dict[str, tuple[type[Any], Parameters[Any], dict[str, object]]] = {
    "answer": (Reader, READER, {"cell": "lstm", "kind": "word", "hops": 2}),
    "caption": (Captioner, CAPTIONER, {"attention": "hard", "positions": False, "beam": 3}),
    "classify": (TextClassifier, CLASSIFIER, {"cell": "gru", "label_separator": ";"}),
    "generate": (LanguageModel, LANGUAGE_MODEL, {"cell": "gru", "unit": "bpe"}),
    "tag": (Tagger, TAGGER, {"cell": "gru", "crf": True, "input_column": ("pos",)}),
    "translate": (Translator, TRANSLATOR, {"cell": "lstm", "shared": False, "beam": 3}),
}


def test_every_task_has_an_estimator_here() -> None:
    assert set(EVERY) == set(TASKS) == set(ESTIMATORS)


@pytest.mark.parametrize("task", EVERY)
def test_the_parameters_are_the_fields_of_the_configuration(task: str) -> None:
    kind, parameters, _ = EVERY[task]
    assert parameters.config is find_config(task)
    expected = [name for part in parameters.parts for name in parameters.names(part)]
    assert sorted(field.name for field in fields(kind)) == sorted(expected)
    assert len(set(expected)) == len(expected)


@pytest.mark.parametrize("task", EVERY)
def test_defaults_and_types_are_those_of_the_configuration(task: str) -> None:
    kind, parameters, _ = EVERY[task]
    own, own_types = {field.name: field for field in fields(kind)}, get_type_hints(kind)
    for part, options in parameters.parts.items():
        types = get_type_hints(options)
        for option in fields(options):
            if option.name in parameters.names(part):
                assert option.default is not MISSING
                assert own[option.name].default == option.default, option.name
                assert own_types[option.name] == types[option.name], option.name


@pytest.mark.parametrize("task", EVERY)
def test_what_is_left_out_exists(task: str) -> None:
    _, parameters, _ = EVERY[task]
    for part, name in parameters.left_out:
        assert name in {option.name for option in fields(parameters.parts[part])}
    parts = {part.name for part in fields(parameters.config)}
    assert set(parameters.parts_left_out) <= parts


@pytest.mark.parametrize("task", EVERY)
def test_an_untouched_estimator_has_the_configuration_of_the_command_line(task: str) -> None:
    kind, parameters, _ = EVERY[task]
    assert parameters.to_config(vars(kind())) == parameters.config()


@pytest.mark.parametrize("task", EVERY)
def test_parameters_survive_the_way_through_a_configuration(task: str) -> None:
    kind, parameters, chosen = EVERY[task]
    given = vars(kind(**chosen))
    assert parameters.of_config(parameters.to_config(given)) == given


def test_scalars_of_numpy_count_as_the_values_they_hold() -> None:
    given = vars(TextClassifier(layers=np.int64(2), learning_rate=np.float32(0.5)))
    config = CLASSIFIER.to_config(given)
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
