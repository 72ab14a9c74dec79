"""A trained model as a Keras 3 model, checked against it first."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vartai.errors import OptionError
from vartai.exchange import onnx_text
from vartai.exchange.checks import classify as check_classifier
from vartai.exchange.checks import generate as check_language_model
from vartai.exchange.checks.compare import Arrays, Case, require_small, worst
from vartai.exchange.checks.draw import inside
from vartai.exchange.folder_text import as_json
from vartai.exchange.keras_layers import fill_keras, import_keras, keras_layers
from vartai.nn.pooling import AttentionPool
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.generate.task import GenerateTask

MODEL = "model.keras"
FILES = frozenset({MODEL, "decoding.json", "tokenizer.json"})
_LOWEST = -3e38


@dataclass(frozen=True)
class KerasFolder:
    """What is to be written: files, the largest difference, notes."""

    files: dict[str, bytes]
    difference: float
    notes: tuple[str, ...]


def export_keras(name: str, task: Any, *, title: str) -> KerasFolder:
    """Build the Keras model, compare it with the model, and gather all files.

    Args:
        name: of the task.
        task: a trained one.
        title: what the model is called.

    Raises:
        OptionError: a model that Keras's layers do not make up; names what is missing.
        MissingExtra: Keras is not installed.
        RunError: the Keras model differs by more than 1e-5.
    """
    if name == "classify":
        model, difference = _classifier(task, title)
        own = onnx_text.describe_classifier(task)
    elif name == "generate":
        model, difference = _language_model(task, title)
        own = onnx_text.describe_language_model(task)
    else:
        raise OptionError(
            f"a model for {name} has no export to Keras; those for classify, generate have"
        )
    require_small(difference, MODEL)
    notes = [
        *onnx_text.mending_notes(task),
        "It reads ids [B, T], 0 where there is no text any more (at the end only).",
    ]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / MODEL
        model.save(place)
        raw = place.read_bytes()
    files = {
        MODEL: raw,
        "decoding.json": as_json(onnx_text.describe(name, own, [], notes)),
        "tokenizer.json": task.to_parts().tokenizer.encode(),
    }
    return KerasFolder(files, difference, tuple(notes))


def _classifier(task: ClassifyTask, title: str) -> tuple[Any, float]:
    options, own = task.config.model, task.model
    reasons = [
        (task.wide is not None, "an n-gram path"),
        (own.encoder is None, "no recurrent layers"),
        (own.vectors.affixes is not None, "vectors of affixes"),
        (own.segment is not None, "pieces of text that are read apart"),
        (isinstance(own.pool, AttentionPool), "attention for a pool"),
    ]
    found = [what for is_so, what in reasons if is_so]
    if found or own.encoder is None:
        raise OptionError(f"the model has {' and '.join(found)}, which this export does not build")
    keras = import_keras()
    ids = keras.Input((None,), dtype="int32", name="ids")
    table = keras.layers.Embedding(*own.vectors.embedding.weight.shape, mask_zero=True)
    stack = keras_layers(own.encoder, sequences=options.pool != "last")
    rows = table(ids)
    for layer in stack:
        rows = layer(rows)
    end = "sigmoid" if task.multilabel else "softmax"
    dense = keras.layers.Dense(len(task.labels), activation=end)
    model = keras.Model(ids, dense(_pool(keras, options.pool, ids, rows)), name=_plain(title))
    table.set_weights([own.vectors.embedding.weight.detach().numpy()])
    fill_keras(stack, own.encoder)
    weight = task.blend.recurrent
    dense.set_weights(
        [
            own.output.weight.detach().numpy().T * np.float32(weight),
            own.output.bias.detach().numpy() * np.float32(weight),
        ]
    )
    return model, _compare_classifier(task, model)


def _pool(keras: Any, pool: str, ids: Any, rows: Any) -> Any:
    if pool == "last":
        return rows
    if pool == "mean":
        return keras.layers.GlobalAveragePooling1D()(rows)
    # Keras's own maximum looks at padding too.
    text = keras.ops.expand_dims(keras.ops.not_equal(ids, 0), -1)
    return keras.ops.max(keras.ops.where(text, rows, _LOWEST), axis=1)


def _language_model(task: GenerateTask, title: str) -> tuple[Any, float]:
    own = task.model
    reasons = [
        (bool(own.output.cutoffs), "a softmax in bands"),
        (own.projection is not None, "a linear layer before its output"),
    ]
    found = [what for is_so, what in reasons if is_so]
    if found:
        raise OptionError(f"the model has {' and '.join(found)}, which this export does not build")
    keras = import_keras()
    ids = keras.Input((None,), dtype="int32", name="ids")
    table = keras.layers.Embedding(*own.vectors.embedding.weight.shape)
    stack = keras_layers(own.encoder, sequences=True)
    rows = table(ids)
    for layer in stack:
        rows = layer(rows)
    dense = keras.layers.Dense(task.tokenizer.size, activation="log_softmax")
    model = keras.Model(ids, dense(rows), name=_plain(title))
    table.set_weights([own.vectors.embedding.weight.detach().numpy()])
    fill_keras(stack, own.encoder)
    dense.set_weights([own.output.weight.detach().numpy().T, own.output.bias.detach().numpy()])
    return model, _compare_language_model(task, model)


def _plain(title: str) -> str:
    """A name that TensorFlow takes."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in title)
    return f"model_{kept}"


def _compare_classifier(task: ClassifyTask, model: Any) -> float:
    largest = 0.0
    for case in check_classifier.whole_cases(task, np.random.default_rng(0)):
        lengths = case.feeds["lengths"]
        ids = case.feeds["ids"]
        # Id 0 is no text here, and a batch of nothing has no place in Keras.
        text = inside(lengths, ids.shape[1]) & (ids > 0)
        kept = text.sum(1) == lengths
        kept &= lengths > 0
        if not kept.any():
            continue
        given = np.asarray(model(np.where(text, ids, 0)[kept].astype(np.int32)))
        wanted = Case({}, {"probabilities": case.expected["probabilities"][kept]}, {})
        largest = max(largest, worst({"probabilities": given}, wanted))
    return largest


def _compare_language_model(task: GenerateTask, model: Any) -> float:
    largest = 0.0
    for case in check_language_model.whole_cases(task, np.random.default_rng(0), fresh=True):
        ids = case.feeds["ids"]
        if not ids.shape[1]:
            continue
        found: Arrays = {"log_probabilities": np.asarray(model(ids.astype(np.int32)))}
        where = {"log_probabilities": inside(case.feeds["lengths"], ids.shape[1])}
        wanted = {"log_probabilities": case.expected["log_probabilities"]}
        largest = max(largest, worst(found, Case({}, wanted, where)))
    return largest
