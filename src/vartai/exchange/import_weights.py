"""Weights of another program as a task of Vartai: embedding, recurrent layers, output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from vartai.errors import InputError, OptionError
from vartai.exchange.import_plan import ImportPlan
from vartai.exchange.keras_in import read_keras
from vartai.exchange.layers_in import layers_from_tensors
from vartai.exchange.network import Network
from vartai.exchange.onnx_in import read_onnx
from vartai.exchange.tensor_files import read_tensors
from vartai.exchange.vocabulary_in import Vocabulary, never_read, read_vocabulary
from vartai.nn.rnn import RNN
from vartai.tasks.card_facts import CardFacts
from vartai.tasks.classify.build import build_classifier
from vartai.tasks.classify.config import ClassifierOptions, ClassifyConfig
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.generate.build import build_language_model
from vartai.tasks.generate.config import GenerateConfig, LanguageModelOptions, UnitOptions
from vartai.tasks.generate.task import GenerateTask
from vartai.text.options import TextOptions

_NEVER = -1e4  # the score of a token that the other program did not have
_USAGE = {
    "classify": 'vartai predict FOLDER "text"',
    "generate": 'vartai generate FOLDER --prompt "text"',
}


@dataclass(frozen=True, eq=False)
class Imported:
    """A task, what its card says, and what is worth knowing."""

    name: str
    task: ClassifyTask | GenerateTask
    facts: CardFacts
    notes: tuple[str, ...]


def import_weights(plan: ImportPlan, folder: Path) -> Imported:
    """Read the files of a plan and build the task. Nothing in them is executed.

    Args:
        plan: which is what.
        folder: that the plan's file names start from.

    Raises:
        InputError: a file is damaged, hostile or too large, or tensors do not fit together.
        OptionError: the plan does not fit the files.
        MissingExtra: a Keras model, and Keras is not installed.
    """
    weights = folder / plan.source.weights
    network = _read_network(plan, weights)
    vocabulary = read_vocabulary(
        folder / plan.text.vocabulary,
        plan.text,
        rows=network.embedding.size(0),
        border=plan.source.task == "generate",
    )
    build = _classifier if plan.source.task == "classify" else _language_model
    task = build(plan, network, vocabulary)
    lost = never_read(vocabulary.tokenizer)
    notes = list(network.notes)
    if lost:
        notes.append(
            f"{lost:,} of {vocabulary.tokenizer.size:,} tokens never come out of text that is cut "
            f"into units of {plan.text.unit}; if that is many, text was cut otherwise."
        )
    if plan.text.unknown is None:
        notes.append("No unknown token was named: what the vocabulary lacks is read as zeros.")
    if plan.source.task == "generate" and plan.text.border is None:
        notes.append("No border was named: a fresh text begins with zeros in its place.")
    return Imported(plan.source.task, task, _facts(plan, network, notes), tuple(notes))


def _read_network(plan: ImportPlan, weights: Path) -> Network:
    kind = weights.suffix.lower()
    if kind == ".keras":
        return read_keras(weights)
    if kind == ".onnx":
        return read_onnx(weights, plan.tensors, pool=plan.source.pool)
    return _from_tensors(plan, weights)


def _from_tensors(plan: ImportPlan, path: Path) -> Network:
    tensors = read_tensors(path)
    names = plan.tensors
    layers = layers_from_tensors(
        plan.source.cell, tensors, prefix=f"{names.layers}." if names.layers else ""
    )
    weight = _tensor(tensors, f"{names.output}.weight", path, axes=2)
    bias = torch.zeros(weight.size(0))
    if f"{names.output}.bias" in tensors:
        bias = _tensor(tensors, f"{names.output}.bias", path, axes=1)
    embedding = _tensor(tensors, names.embedding, path, axes=2)
    return Network(embedding, layers, plan.source.pool, weight, bias, ())


def _tensor(tensors: Mapping[str, Tensor], name: str, path: Path, *, axes: int) -> Tensor:
    if name not in tensors:
        known = ", ".join(sorted(tensors)[:12])
        raise InputError(f"no tensor {name!r}; there are: {known}", file=str(path))
    if tensors[name].dim() != axes:
        raise InputError(
            f"tensor {name!r} should have {axes} axes, has shape {list(tensors[name].shape)}",
            file=str(path),
        )
    return tensors[name]


def _require_fit(network: Network, outputs: int, what: str) -> None:
    """Refuse parts that do not fit one another."""
    read, given = network.layers.input_size, network.embedding.size(1)
    if read != given:
        raise InputError(f"the layers read {read} numbers, the embedding has {given}")
    read, given = network.weight.size(1), network.layers.output_size
    if read != given:
        raise InputError(f"the output reads {read} numbers, the layers give {given}")
    if network.weight.size(0) != outputs or network.bias.size(0) != outputs:
        raise InputError(
            f"the output gives {network.weight.size(0)} scores, expected {outputs}: {what}"
        )


def _classifier(plan: ImportPlan, network: Network, vocabulary: Vocabulary) -> ClassifyTask:
    labels = plan.source.labels
    if network.weight.size(0) == 1 and len(labels) == 2:
        # One score for the second label: against a first one of 0 its softmax is the sigmoid.
        nothing = torch.zeros_like
        network = network.with_output(
            torch.cat([nothing(network.weight), network.weight]),
            torch.cat([nothing(network.bias), network.bias]),
        )
    if network.pool == "none":
        raise InputError("the model gives scores at every step, as a language model does")
    _require_fit(network, len(labels), "one for each label")
    options = ClassifierOptions(
        cell=_cell(network),
        layers=network.layers.num_layers,
        bidirectional=network.layers.bidirectional,
        hidden_size=network.layers.hidden_size,
        embedding_size=network.embedding.size(1),
        pool=network.pool,
    )
    unit = "char" if plan.text.unit == "char" else "word"
    text = TextOptions(
        unit=unit,
        lowercase=plan.text.lowercase,
        vocabulary_size=max(3, vocabulary.tokenizer.size),
        max_tokens=plan.text.max_tokens,
    )
    config = ClassifyConfig(text=text, model=options)
    model = build_classifier(
        options,
        vocabulary_size=vocabulary.tokenizer.size,
        unknown_id=vocabulary.tokenizer.unknown_id,
        classes=len(labels),
    )
    model.load_state_dict(
        {
            "vectors.embedding.weight": vocabulary.moved(network.embedding),
            **_layers(network),
            "output.weight": network.weight,
            "output.bias": network.bias,
        }
    )
    return ClassifyTask(config, labels, vocabulary.tokenizer, model.eval())


def _language_model(plan: ImportPlan, network: Network, vocabulary: Vocabulary) -> GenerateTask:
    _require_fit(network, network.embedding.size(0), "one for each token")
    if network.layers.bidirectional:
        raise OptionError("a language model reads in one direction; these layers read in both")
    options = LanguageModelOptions(
        cell=_cell(network),
        layers=network.layers.num_layers,
        hidden_size=network.layers.hidden_size,
        embedding_size=network.embedding.size(1),
    )
    words = "words" if plan.text.unit == "word" else "spaces"
    unit = "char" if plan.text.unit == "char" else "word"
    config = GenerateConfig(
        text=UnitOptions(unit=unit, words=words, lowercase=plan.text.lowercase), model=options
    )
    model = build_language_model(
        config,
        vocabulary_size=vocabulary.tokenizer.size,
        unknown_id=vocabulary.tokenizer.unknown_id,
    )
    model.load_state_dict(
        {
            "vectors.embedding.weight": vocabulary.moved(network.embedding),
            **_layers(network),
            "output.own_weight": vocabulary.moved(network.weight),
            "output.bias": vocabulary.moved(network.bias, missing=_NEVER),
        }
    )
    ends = plan.text.border is not None
    return GenerateTask(config, vocabulary.tokenizer, model.eval(), ends)


def _layers(network: Network) -> dict[str, Tensor]:
    return {f"encoder.{name}": value for name, value in network.layers.state_dict().items()}


def _cell(network: Network) -> str:
    form = network.layers.form
    if not form.standard or (isinstance(network.layers, RNN) and form.activation != "tanh"):
        raise OptionError(
            f"models are of standard cells; these layers are {form.cell} with "
            f"{', '.join(f'{name} {value}' for name, value in form.options().items())}. "
            "vartai.nn has them as layers"
        )
    return form.cell


def _facts(plan: ImportPlan, network: Network, notes: list[str]) -> CardFacts:
    count = sum(value.numel() for value in network.layers.parameters())
    return CardFacts(
        tags=[network.layers.form.cell],
        usage=_USAGE[plan.source.task],
        data={
            "weights from": Path(plan.source.weights).name,
            "vocabulary from": Path(plan.text.vocabulary).name,
        },
        training={
            "cell": network.layers.form.cell,
            "layers": network.layers.num_layers,
            "both directions": network.layers.bidirectional,
            "parameters of the layers": count,
        },
        metrics={},
        baselines={},
        limits=[
            "What it was trained on, and how well it does, is not known here: `vartai evaluate` "
            "measures it.",
            *notes,
        ],
        origin="imported from another program",
    )
