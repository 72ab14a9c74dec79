"""To Keras 3 and back, equal both ways; run where Keras and TensorFlow are installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.exchange.small import TEXTS, classifier, language_model, several, tagger
from tests.exchange.test_torch import plan

from vartai.errors import InputError, OptionError
from vartai.exchange import layers_from_keras
from vartai.exchange.import_weights import import_weights
from vartai.exchange.keras_export import export_keras
from vartai.exchange.keras_layers import fill_keras, import_keras, keras_layers
from vartai.nn import GRU, LSTM, RNN, ClockworkRNN

pytest.importorskip("keras", reason="needs pip install 'vartai[keras]', 1.6 GB with TensorFlow")
pytest.importorskip("tensorflow", reason="needs pip install 'vartai[keras]'")
pytestmark = pytest.mark.filterwarnings("ignore")  # TensorFlow's own
keras = import_keras()

CELLS = {
    "rnn": ("SimpleRNN", {}),
    "rnn relu": ("SimpleRNN", {"activation": "relu"}),
    "lstm": ("LSTM", {}),
    "lstm without bias": ("LSTM", {"use_bias": False}),
    "gru reset after": ("GRU", {"reset_after": True}),
    "gru reset before": ("GRU", {"reset_after": False}),
}
FORMS: dict[str, Any] = {
    "rnn": lambda both: RNN(3, 5, 2, bidirectional=both),
    "lstm": lambda both: LSTM(3, 5, 2, bidirectional=both),
    "lstm elu": lambda both: LSTM(3, 5, activation="elu", bidirectional=both),
    "gru": lambda both: GRU(3, 5, 2, bidirectional=both),
    "gru before": lambda both: GRU(3, 5, reset_after=False, bidirectional=both),
}


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("name", list(CELLS))
def test_layers_of_keras_become_layers_of_ours(name: str, both: bool) -> None:
    keras.utils.set_random_seed(3)
    kind, options = CELLS[name]
    stack = []
    for _ in range(2):
        layer = getattr(keras.layers, kind)(4, return_sequences=True, **options)
        stack.append(keras.layers.Bidirectional(layer) if both else layer)
    rows = inputs = np.random.default_rng(0).standard_normal((2, 7, 3)).astype(np.float32)
    for layer in stack:
        rows = layer(rows)
        random = np.random.default_rng(1)
        own = [array + random.standard_normal(array.shape) * 0.3 for array in layer.get_weights()]
        layer.set_weights(own)
    rows = inputs
    for layer in stack:
        rows = layer(rows)
    with torch.no_grad():
        ours = layers_from_keras(stack)(torch.from_numpy(inputs).transpose(0, 1))[0]
    np.testing.assert_allclose(ours.transpose(0, 1), rows, atol=1e-5)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("name", list(FORMS))
def test_layers_of_ours_become_layers_of_keras_and_come_back(name: str, both: bool) -> None:
    torch.manual_seed(1)
    ours = FORMS[name](both)
    inputs = torch.randn(7, 2, 3)
    made = keras_layers(ours, sequences=True)
    rows = inputs.transpose(0, 1).numpy()
    for layer in made:
        size = 3 if layer is made[0] else 5 * (1 + both)
        layer(np.zeros((1, 1, size), np.float32))
    fill_keras(made, ours)
    for layer in made:
        rows = layer(rows)
    with torch.no_grad():
        wanted = ours(inputs)[0].transpose(0, 1)
        np.testing.assert_allclose(rows, wanted, atol=1e-5)
        home = layers_from_keras(made)(inputs)[0].transpose(0, 1)
    torch.testing.assert_close(home, wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("classify", lambda: classifier(pool="last", bidirectional=True, layers=2)),
        ("classify", lambda: several(classifier(pool="mean", cell="gru"))),
        ("classify", lambda: classifier(pool="max", bidirectional=True)),
        ("generate", lambda: language_model(layers=2)),
    ],
)
def test_models_go_to_keras_and_come_home_the_same(tmp_path: Path, name: str, make: Any) -> None:
    task = make()
    found = export_keras(name, task, title="šis modelis")
    assert found.difference <= 1e-5
    (tmp_path / "model.keras").write_bytes(found.files["model.keras"])
    tokens = "\n".join("\\n" if token == "\n" else token for token in task.tokenizer.vocabulary)
    (tmp_path / "vocabulary.txt").write_text(tokens, encoding="utf-8")
    said: dict[str, str] = {"weights": "model.keras"}
    if name == "classify":
        said |= {"unit": "word", "labels": '["geras", "blogas", "joks"]'}
        said |= {"rest": 'lowercase = true\npadding = "<pad>"'}
    else:
        said |= {"task": "generate", "unit": "char", "labels": "[]", "rest": 'border = "<pad>"'}
    home = import_weights(plan(tmp_path, **said), tmp_path).task
    for own, other in zip(task.model.parameters(), home.model.parameters(), strict=True):
        if own.dim() > 1 and name == "generate":
            torch.testing.assert_close(other, own, atol=1e-6, rtol=1e-6)
    if name == "classify":
        np.testing.assert_allclose(
            home.model(  # type: ignore[union-attr, operator]
                task.read(TEXTS).batch(np.arange(4))
            ).detach(),
            task.model(task.read(TEXTS).batch(np.arange(4))).detach() * task.blend.recurrent,
            atol=1e-5,
        )


def test_forms_that_keras_does_not_have_are_named() -> None:
    with pytest.raises(OptionError, match="Keras has no lstm with peepholes"):
        keras_layers(LSTM(2, 3, peepholes=True), sequences=True)
    with pytest.raises(OptionError, match="Keras has no lstm with without, output_activation"):
        keras_layers(LSTM(2, 3, without=("input",), output_activation="elu"), sequences=True)
    with pytest.raises(OptionError, match="Keras has no ClockworkRNN"):
        keras_layers(ClockworkRNN(2, 3, periods=(1, 2)), sequences=True)
    with pytest.raises(OptionError, match="a model for tag has no export to Keras"):
        export_keras("tag", tagger(), title="m")
    hard = keras.layers.LSTM(3, recurrent_activation="hard_sigmoid")
    hard(np.zeros((1, 1, 2), np.float32))
    with pytest.raises(OptionError, match="recurrent_activation hard_sigmoid"):
        layers_from_keras(hard)
    summed = keras.layers.Bidirectional(keras.layers.LSTM(3), merge_mode="sum")
    with pytest.raises(OptionError, match="merges by sum"):
        layers_from_keras(summed)
    with pytest.raises(OptionError, match="has no weights yet"):
        layers_from_keras(keras.layers.LSTM(3))


def test_a_model_put_together_otherwise_is_refused(tmp_path: Path) -> None:
    from vartai.exchange.keras_in import read_keras

    ids = keras.Input((None,), dtype="int32")
    rows = keras.layers.Embedding(6, 3)(ids)
    rows = keras.layers.LSTM(4, go_backwards=True)(rows)
    model = keras.Model(ids, keras.layers.Dense(2)(rows))
    model.save(tmp_path / "model.keras")
    with pytest.raises(InputError, match="its parts say something else than the model"):
        read_keras(tmp_path / "model.keras")


def test_code_in_a_keras_file_is_refused_before_keras_opens_it(tmp_path: Path) -> None:
    from vartai.exchange.keras_in import read_keras

    ids = keras.Input((None,), dtype="int32")
    rows = keras.layers.Embedding(6, 3)(ids)
    rows = keras.layers.Lambda(lambda x: x * 2)(rows)
    model = keras.Model(ids, keras.layers.Dense(2)(keras.layers.LSTM(4)(rows)))
    model.save(tmp_path / "model.keras")
    with pytest.raises(InputError, match=r"names keras\.layers\.Lambda, which is no part of a"):
        read_keras(tmp_path / "model.keras")
