"""A trained model as weights for plain torch, with the few lines that load them."""

from __future__ import annotations

import inspect
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import Tensor, nn

from vartai.errors import OptionError, RunError
from vartai.exchange import onnx_text, plain_torch
from vartai.exchange.checks import classify as check_classifier
from vartai.exchange.checks import generate as check_language_model
from vartai.exchange.checks.compare import Case, require_small, worst
from vartai.exchange.checks.draw import inside
from vartai.exchange.folder_text import as_json
from vartai.kernels.forms import Form
from vartai.nn.layers import RecurrentLayers
from vartai.nn.pooling import AttentionPool
from vartai.nn.sequence_layers import SequenceLayers
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.generate.task import GenerateTask

WEIGHTS, TENSORS, MODULE = "model.safetensors", "model.pt", "model.py"
FILES = frozenset({WEIGHTS, TENSORS, MODULE, "decoding.json", "tokenizer.json"})
_HEAD = '"""{title}: its weights in plain torch."""\n\nimport torch\nfrom torch import Tensor, nn\n'
_FOOT = "model.load_state_dict(torch.load({file!r}, weights_only=True))\nmodel.eval()\n"


@dataclass(frozen=True)
class TorchFolder:
    """What is to be written: files, the module's text, the largest difference, notes."""

    files: dict[str, bytes]
    module: str
    difference: float
    notes: tuple[str, ...]


def export_torch(name: str, task: Any, *, title: str) -> TorchFolder:
    """Build the plain module, compare it with the model, and gather all files.

    Raises:
        OptionError: a model that is more than embedding, recurrent layers, pool and output.
        RunError: the plain module differs from the model by more than 1e-5.
    """
    if name == "classify":
        model, made = _classifier(task)
        difference = _compare_classifier(task, model)
        own = onnx_text.describe_classifier(task)
    elif name == "generate":
        model, made = _language_model(task)
        difference = _compare_language_model(task, model)
        own = onnx_text.describe_language_model(task)
    else:
        raise OptionError(
            f"a model for {name} has no plain form in torch; those for classify, generate have"
        )
    require_small(difference, TENSORS)
    notes = onnx_text.mending_notes(task)
    tensors = {key: value.detach().clone() for key, value in model.state_dict().items()}
    source = inspect.getsource(type(model))
    module = f"{_HEAD.format(title=title)}\n\n{source}\n\n{made}\n{_FOOT.format(file=TENSORS)}"
    files = {
        WEIGHTS: safetensors.torch.save(tensors),
        TENSORS: _saved(tensors),
        MODULE: module.encode(),
        "decoding.json": as_json(onnx_text.describe(name, own, [], notes)),
        "tokenizer.json": task.to_parts().tokenizer.encode(),
    }
    return TorchFolder(files, module, difference, tuple(notes))


def _classifier(task: ClassifyTask) -> tuple[nn.Module, str]:
    model, options = task.model, task.config.model
    reasons = [
        (task.wide is not None, "an n-gram path"),
        (model.encoder is None, "no recurrent layers"),
        (model.vectors.affixes is not None, "vectors of affixes"),
        (model.segment is not None, "pieces of text that are read apart"),
        (isinstance(model.pool, AttentionPool), "attention for a pool"),
    ]
    _require_plain([what for is_so, what in reasons if is_so])
    if model.encoder is None:
        raise ValueError("no layers")
    layers, said = _layers(model.encoder)
    embedding = nn.Embedding(*model.vectors.embedding.weight.shape)
    output = nn.Linear(model.output.in_features, model.output.out_features)
    plain = plain_torch.TextClassifier(embedding, layers, options.pool, output)
    state = {f"layers.{name}": value for name, value in model.encoder.state_dict().items()}
    plain.load_state_dict(
        {
            "embedding.weight": model.vectors.embedding.weight,
            **state,
            # Its weight in the blend is what makes its probabilities mean what they say.
            "output.weight": model.output.weight * task.blend.recurrent,
            "output.bias": model.output.bias * task.blend.recurrent,
        }
    )
    made = f"model = TextClassifier({_size(embedding)}, {said}, {options.pool!r}, {_size(output)})"
    return plain.eval(), made


def _language_model(task: GenerateTask) -> tuple[nn.Module, str]:
    model = task.model
    _require_plain(["a softmax in bands"] if model.output.cutoffs else [])
    layers, said = _layers(model.encoder)
    vocabulary, features = model.output.weight.shape
    embedding = nn.Embedding(*model.vectors.embedding.weight.shape)
    output: nn.Module = nn.Linear(features, vocabulary)
    state = {f"layers.{name}": value for name, value in model.encoder.state_dict().items()}
    state |= {"embedding.weight": model.vectors.embedding.weight}
    own, spelled = "output.", _size(output)
    if model.projection is not None:
        between = nn.Linear(model.projection.in_features, model.projection.out_features)
        spelled = f"nn.Sequential({_size(between)}, {spelled})"
        output, own = nn.Sequential(between, output), "output.1."
        state |= {
            "output.0.weight": model.projection.weight,
            "output.0.bias": model.projection.bias,
        }
    state |= {f"{own}weight": model.output.weight, f"{own}bias": model.output.bias}
    plain = plain_torch.LanguageModel(embedding, layers, output)
    plain.load_state_dict(state)
    return plain.eval(), f"model = LanguageModel({_size(embedding)}, {said}, {spelled})"


def _require_plain(more: list[str]) -> None:
    if more:
        raise OptionError(
            f"the model has {' and '.join(more)}, so it is more than torch.nn's layers with an "
            "embedding and an output; --to onnx takes more"
        )


def _layers(encoder: SequenceLayers) -> tuple[nn.RNNBase, str]:
    """Torch's own layers of the same sizes, and how they are spelled.

    Raises:
        OptionError: torch has none of this kind.
    """
    kinds = {Form("rnn"): nn.RNN, Form("lstm"): nn.LSTM, Form("gru"): nn.GRU}
    if not isinstance(encoder, RecurrentLayers) or encoder.form not in kinds:
        raise OptionError(f"torch.nn has no {encoder}; --to onnx takes more")
    kind = kinds[encoder.form]
    sizes = (encoder.input_size, encoder.hidden_size, encoder.num_layers)
    layers = kind(*sizes, batch_first=True, bidirectional=encoder.bidirectional)
    both = ", bidirectional=True" if encoder.bidirectional else ""
    said = f"nn.{kind.__name__}({', '.join(map(str, sizes))}, batch_first=True{both})"
    return layers, said


def _size(module: nn.Module) -> str:
    if isinstance(module, nn.Embedding):
        return f"nn.Embedding({module.num_embeddings}, {module.embedding_dim})"
    if isinstance(module, nn.Linear):
        return f"nn.Linear({module.in_features}, {module.out_features})"
    raise TypeError(type(module).__name__)


def _compare_classifier(task: ClassifyTask, model: nn.Module) -> float:
    largest = 0.0
    for case in check_classifier.whole_cases(task, np.random.default_rng(0)):
        lengths = case.feeds["lengths"]
        if not lengths.all():  # torch packs no empty text
            feeds = {name: value[lengths > 0] for name, value in case.feeds.items()}
            kept = {name: value[lengths > 0] for name, value in case.expected.items()}
            case = Case(feeds, kept, {})
        if not len(case.feeds["lengths"]):
            continue
        with torch.inference_mode():
            scores = model(*(torch.from_numpy(case.feeds[name]) for name in ("ids", "lengths")))
        wanted = Case({}, {"scores": case.expected["scores"]}, {})
        largest = max(largest, worst({"scores": scores.numpy()}, wanted))
    return largest


def _compare_language_model(task: GenerateTask, model: nn.Module) -> float:
    largest = 0.0
    for case in check_language_model.whole_cases(task, np.random.default_rng(0)):
        ids = torch.from_numpy(case.feeds["ids"])
        if not ids.size(1):
            continue
        names = [name for name in ("hidden_in", "cell_in") if name in case.feeds]
        parts = [torch.from_numpy(case.feeds[name]).transpose(0, 1) for name in names]
        state = [part.contiguous() for part in parts]
        with torch.inference_mode():
            scores, _ = model(ids, state[0] if len(state) == 1 else tuple(state))
        found = {"log_probabilities": torch.log_softmax(scores, 2).numpy()}
        where = {"log_probabilities": inside(case.feeds["lengths"], ids.size(1))}
        wanted = {"log_probabilities": case.expected["log_probabilities"]}
        largest = max(largest, worst(found, Case({}, wanted, where)))
    return largest


def _saved(tensors: dict[str, Tensor]) -> bytes:
    buffer = io.BytesIO()
    torch.save(tensors, buffer)
    if not torch.load(io.BytesIO(buffer.getvalue()), weights_only=True).keys() == tensors.keys():
        raise RunError(f"{TENSORS}: torch did not write what it was given")
    return buffer.getvalue()
