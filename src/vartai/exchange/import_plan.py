"""What a person says of weights to be imported: which is what, and how text was read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from vartai.errors import InputError, OptionError, require_range, unknown_name
from vartai.exchange.layers_in import CELLS
from vartai.tasks.configs import config_from_mapping

TASKS = ("classify", "generate")
UNITS = ("word", "spaces", "char")
POOLS = ("last", "mean", "max")
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class SourceOptions:
    """The weights.

    Attributes:
        task: classify or generate.
        weights: file of tensors (.safetensors, .pt, .pth), or a model (.keras, .onnx), beside this
            one.
        cell: rnn, lstm or gru; a model says it itself.
        labels: of a classifier, in the order of its scores. Two for a single score, whose label is
            the second.
        pool: of a classifier: last, mean or max over the outputs of all steps; a Keras model says
            it itself.
    """

    task: str = "classify"
    weights: str = ""
    cell: str = "lstm"
    labels: tuple[str, ...] = ()
    pool: str = "last"

    def __post_init__(self) -> None:
        for kind, known in (("task", TASKS), ("cell", tuple(CELLS)), ("pool", POOLS)):
            if getattr(self, kind) not in known:
                raise unknown_name(kind, getattr(self, kind), known)
        if not self.weights:
            raise OptionError('expected weights = "FILE" in [source]')
        if self.task == "classify" and (
            len(self.labels) < 2 or len(set(self.labels)) < len(self.labels)
        ):
            raise OptionError("expected the labels of a classifier in [source], at least two")
        if self.task == "generate" and self.labels:
            raise OptionError("labels have no use here: a language model has none")


@dataclass(frozen=True, kw_only=True)
class TensorNames:
    """Names of tensors, as the file has them.

    Attributes:
        embedding: the table ``[V, D]``.
        layers: what stands before ``.weight_ih_l0``; of an ONNX model, its recurrent nodes (or
            their first outputs), the lowest first, with commas between.
        output: what stands before ``.weight`` and ``.bias`` of the last linear layer.
    """

    embedding: str = "embedding.weight"
    layers: str = "layers"
    output: str = "output"


@dataclass(frozen=True, kw_only=True)
class ImportedText:
    """How text was read.

    Attributes:
        unit: word (letters apart from punctuation), spaces (a word is what white space leaves) or
            char.
        vocabulary: file beside this one: a token a line in the order of ids, or `.json`, an object
            of tokens and their ids.
        unknown: the token of the vocabulary that stands for all it lacks.
        padding: the token that fills up batches; it is never text.
        border: of a language model: the token between texts, which it reads first.
        lowercase: whether text is looked up in lower case.
        max_tokens: longest text; a longer one loses its middle.
    """

    unit: str = "word"
    vocabulary: str = ""
    unknown: str | None = None
    padding: str | None = None
    border: str | None = None
    lowercase: bool = False
    max_tokens: int = 1_000

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise unknown_name("unit", self.unit, UNITS)
        if not self.vocabulary:
            raise OptionError('expected vocabulary = "FILE" in [text]')
        require_range("max_tokens", self.max_tokens, at_least=2)


@dataclass(frozen=True, kw_only=True)
class ImportPlan:
    """All of it.

    Attributes:
        source: the weights.
        text: how text was read.
        tensors: names of tensors; a Keras model needs none.
    """

    source: SourceOptions
    text: ImportedText
    tensors: TensorNames = field(default_factory=TensorNames)


def read_plan(path: Path) -> ImportPlan:
    """A plan from a TOML file.

    Raises:
        InputError: the file cannot be read, or is not TOML.
        OptionError: a name is unknown, or a value is missing or wrong.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from error
    if len(raw) > _MOST_BYTES:
        raise InputError(f"expected at most {_MOST_BYTES:,} bytes", file=str(path))
    try:
        parts = tomllib.loads(raw.decode("utf-8"))
    except ValueError as error:
        raise InputError(f"expected TOML: {error}", file=str(path)) from error
    missing = [part for part in ("source", "text") if part not in parts]
    if missing:
        raise OptionError(f"{path}: expected a table [{missing[0]}]")
    try:
        return config_from_mapping(ImportPlan, parts)
    except OptionError as error:
        raise OptionError(f"{path}: {error}") from error
