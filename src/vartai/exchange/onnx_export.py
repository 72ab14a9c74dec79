"""A trained model as a folder of ONNX graphs and what is needed to use them, checked first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vartai.errors import OptionError
from vartai.exchange import onnx_text
from vartai.exchange.checks import classify as check_classifier
from vartai.exchange.checks import generate as check_language_model
from vartai.exchange.checks import tag as check_tagger
from vartai.exchange.checks.compare import open_session, require_agreement, require_small, run
from vartai.exchange.folder_text import as_json
from vartai.exchange.graphs.classify import classify_model, classify_state, classify_step
from vartai.exchange.graphs.generate import generate_model, generate_state, generate_step
from vartai.exchange.graphs.tag import tag_model, tag_state, tag_step
from vartai.exchange.rounding import rounded_model
from vartai.exchange.triton import triton_config
from vartai.tasks.classify.task import ClassifyTask

MODEL, STEP, DECODING = "model.onnx", "step.onnx", "decoding.json"
TOKENIZER, TRITON, ABOUT = "tokenizer.json", "config.pbtxt", "README.md"
FILES = frozenset({MODEL, STEP, DECODING, TOKENIZER, TRITON, ABOUT})
_TIE = 1e-3


@dataclass(frozen=True)
class Kind:
    """How a task becomes graphs, and how those are checked."""

    model: Callable[..., bytes]
    step: Callable[..., bytes]
    state: Callable[[Any], Any]
    describe: Callable[[Any], dict[str, Any]]
    cases: Callable[..., Any]
    step_difference: Callable[..., float]


KINDS = {
    "classify": Kind(
        classify_model,
        classify_step,
        classify_state,
        onnx_text.describe_classifier,
        check_classifier.whole_cases,
        check_classifier.step_difference,
    ),
    "generate": Kind(
        generate_model,
        generate_step,
        generate_state,
        onnx_text.describe_language_model,
        check_language_model.whole_cases,
        check_language_model.step_difference,
    ),
    "tag": Kind(
        tag_model,
        tag_step,
        tag_state,
        onnx_text.describe_tagger,
        check_tagger.whole_cases,
        check_tagger.step_difference,
    ),
}


@dataclass(frozen=True)
class OnnxFolder:
    """What is to be written.

    Args:
        files: name → content.
        differences: graph → the largest difference from the model, over random batches.
        notes: what is left out, and why.
    """

    files: Mapping[str, bytes]
    differences: Mapping[str, float]
    notes: tuple[str, ...]


def export_onnx(
    name: str, task: Any, *, title: str, int8: bool = False, without_ngrams: bool = False
) -> OnnxFolder:
    """Build the graphs, run them beside the model, and gather all files.

    Args:
        name: of the task.
        task: a trained one.
        title: what the model is called.
        int8: store large weights in 8 bits.
        without_ngrams: leave a classifier's n-gram path out; else one that has it is refused.

    Raises:
        OptionError: a task that has no graph, or an n-gram path.
        MissingExtra: `onnx` or `onnxruntime` is not installed.
        RunError: a graph differs from the model by more than 1e-5.
    """
    if name not in KINDS:
        raise OptionError(
            f"a model for {name} has no export to ONNX; those for {', '.join(sorted(KINDS))} have"
        )
    notes = _notes(name, task, without_ngrams=without_ngrams)
    if int8:
        task = replace(task, model=rounded_model(task.model))
        notes.append("Weights are stored in 8 bits, a scale a row; arithmetic is in float32.")
    kind = KINDS[name]
    files = {MODEL: kind.model(task, int8=int8)}
    differences = {MODEL: _check_whole(kind, task, files[MODEL])}
    state = []
    if _is_two_way(task):
        notes.append("No stepwise graph: the model reads from both sides, so it needs whole texts.")
    else:
        state = kind.state(task)
        files[STEP] = kind.step(task, int8=int8)
        differences[STEP] = kind.step_difference(task, files[STEP], np.random.default_rng(1))
        require_small(differences[STEP], STEP)
        files[TRITON] = triton_config(title, open_session(files[STEP])).encode()
    described = onnx_text.describe(name, kind.describe(task), state, notes)
    files[DECODING] = as_json(described)
    files[TOKENIZER] = task.to_parts().tokenizer.encode()
    files[ABOUT] = _about(title, name, files, notes).encode()
    return OnnxFolder(files, differences, tuple(notes))


def _notes(name: str, task: Any, *, without_ngrams: bool) -> list[str]:
    if without_ngrams and not (name == "classify" and task.wide is not None):
        raise OptionError("--without-ngrams has no use here: the model has no n-gram path")
    if name == "tag":
        return []
    notes = onnx_text.mending_notes(task)
    if isinstance(task, ClassifyTask) and task.wide is not None:
        if not without_ngrams:
            raise OptionError(
                "the n-gram path hashes text, for which ONNX has no operator; --without-ngrams "
                "exports the recurrent path alone, whose scores are other ones"
            )
        notes.append(
            "The n-gram path is left out: it hashes text, for which ONNX has no operator. Scores "
            "are those of the recurrent path alone, with its weight in the blend."
        )
    return notes


def _is_two_way(task: Any) -> bool:
    encoder = task.model.encoder
    return encoder is not None and bool(encoder.bidirectional)


def _check_whole(kind: Kind, task: Any, model: bytes) -> float:
    cases = list(kind.cases(task, np.random.default_rng(0)))
    largest = require_agreement(model, cases, MODEL)
    if kind.model is tag_model:
        session = open_session(model)
        for case in cases:
            behind = check_tagger.tags_behind(task, case, run(session, case.feeds))
            # Equals may be told apart otherwise; anything else would be far off.
            require_small(max(0.0, behind - _TIE), f"{MODEL} (tags)")
    return largest


def _about(title: str, name: str, files: Mapping[str, bytes], notes: list[str]) -> str:
    said = {
        MODEL: "whole texts in batches of any size and length",
        STEP: "one step of each sequence, with its state in and out",
        TRITON: f"for Triton Inference Server, with {STEP}",
        TOKENIZER: "how text becomes ids",
        DECODING: "labels, text handling, names and shapes of the state",
    }
    lines = [f"# {title}: graphs for ONNX runtimes", "", f"A model for *{name}*.", ""]
    lines += [f"- `{file}`: {what}" for file, what in said.items() if file in files]
    return "\n".join([*lines, "", *(f"- {note}" for note in notes)]).rstrip() + "\n"
