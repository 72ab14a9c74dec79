"""What stands beside a graph: how text becomes its inputs, and its outputs an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from vartai.exchange.graphs.state import StatePart
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.generate.task import GenerateTask
from vartai.tasks.tag.task import TagTask
from vartai.text.affixes import BUCKETS
from vartai.text.characters import CharacterTokenizer
from vartai.text.spaced import SpacedTokenizer
from vartai.text.tokenizer import Tokenizer

FORMAT, VERSION = "vartai-onnx", 1
_MENDED = (
    "Text was mended in training (ftfy); what is read here should be mended first, as "
    "`vartai predict` does."
)


def describe_classifier(task: ClassifyTask) -> dict[str, Any]:
    """Of a classifier."""
    return {
        "labels": list(task.labels),
        "several_labels": task.multilabel,
        "text": _text(task.tokenizer, affixes=task.config.text.affixes),
    }


def describe_language_model(task: GenerateTask) -> dict[str, Any]:
    """Of a language model."""
    return {
        "vocabulary": list(task.tokenizer.vocabulary),
        "begins_with": 0,
        "end": 0 if task.ends else None,
        "text": _text(task.tokenizer, affixes=0),
    }


def describe_tagger(task: TagTask) -> dict[str, Any]:
    """Of a tagger."""
    vocabulary = task.vocabulary
    return {
        "tags": list(task.tags),
        "scheme": task.scheme,
        "crf": task.model.crf is not None,
        "text": {
            "reader": "given words",
            "lowercase": vocabulary.lowercase,
            "max_characters": vocabulary.max_characters,
            "columns": list(task.config.reading.input_column),
            "characters": task.model.vectors.shapes is not None,
            "affixes": task.config.model.affixes,
            "affix_buckets": BUCKETS,
        },
    }


def describe(
    task: str, own: Mapping[str, Any], state: Sequence[StatePart], notes: Sequence[str]
) -> dict[str, Any]:
    """The whole of `decoding.json`.

    Args:
        task: its name.
        own: what the functions above say.
        state: of the stepwise graph; empty where there is none.
        notes: what is left out, and why, in sentences.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "task": task,
        **own,
        "state": [asdict(part) for part in sorted(state, key=lambda part: part.name)],
        "notes": list(notes),
    }


def mending_notes(task: ClassifyTask | GenerateTask) -> list[str]:
    """A note, if text was mended in training."""
    return [_MENDED] if task.config.text.fix_text else []


def _text(tokenizer: Tokenizer, *, affixes: int) -> dict[str, Any]:
    reader = "tokenizers"
    if isinstance(tokenizer, CharacterTokenizer):
        reader = "characters"
    elif isinstance(tokenizer, SpacedTokenizer):
        reader = "spaced words"
    return {
        "reader": reader,
        "unknown_id": tokenizer.unknown_id,
        "max_tokens": tokenizer.max_tokens,
        "affixes": affixes,
        "affix_buckets": BUCKETS,
    }
