from __future__ import annotations

from typing import Any

import pytest

from vartai.errors import OptionError
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.tasks.configs import config_from_mapping, config_to_mapping
from vartai.training.options import TrainingOptions


def test_a_configuration_survives_the_way_to_a_mapping_and_back() -> None:
    config = ClassifyConfig(
        model=ClassifierOptions(cell="gru", wide=True, embeddings="vectors.txt"),
        training=TrainingOptions(time="10m", learning_rate=0.01),
    )
    assert config_from_mapping(ClassifyConfig, config_to_mapping(config)) == config


def test_what_is_left_out_has_its_default() -> None:
    assert config_from_mapping(ClassifyConfig, {"model": {"cell": "rnn"}}) == ClassifyConfig(
        model=ClassifierOptions(cell="rnn")
    )


def test_a_whole_number_will_do_for_a_fraction() -> None:
    config = config_from_mapping(TrainingOptions, {"learning_rate": 1})
    assert config.learning_rate == 1.0


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"modle": {}}, "unknown option in the configuration 'modle'.* Did you mean 'model'"),
        ({"model": {"cel": "gru"}}, "unknown option in model 'cel'; known: .*cell.*"),
        (
            {"model": {"cell": "gruu"}},
            "unknown cell 'gruu'; known: bag, clockwork-rnn, ",
        ),
        ({"model": {"layers": "2"}}, "model.layers must be of type int, was '2'"),
        ({"model": {"layers": True}}, "model.layers must be of type int, was True"),
        ({"model": {"wide": 1}}, "model.wide must be of type bool, was 1"),
        ({"model": 3}, "model must be a table of options, was 3"),
        ({"table": {"text": "review"}}, "table.text must be a list of strings, was 'review'"),
        ({"training": {"epochs": 0}}, "epochs must be at least 1, was 0"),
        ({"training": {"time": "soon"}}, "time must be a length of time such as 90s, 10m or 1h30m"),
        ({"training": {"learning_rate": float("nan")}}, "learning_rate must be above 0, was nan"),
    ],
)
def test_a_mistake_is_named(mapping: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        config_from_mapping(ClassifyConfig, mapping)
