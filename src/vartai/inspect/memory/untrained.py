"""A model of the same shape that has learned nothing, to set beside a trained one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import torch

from vartai.errors import OptionError


def untrained(task: Any, *, seed: int = 0) -> Any:
    """The same configuration, vocabulary and labels with fresh weights, drawn as training draws.

    Torch's random numbers are left as they were. A classifier's n-gram path is left out.

    Args:
        task: trained, to classify, tag or generate.
        seed: of the weights.

    Raises:
        OptionError: a task of another kind.
    """
    kind = type(task).__name__
    if kind not in _BUILDERS:
        raise OptionError(
            f"untrained: expected a trained task to classify, generate or tag, found {kind}"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = _BUILDERS[kind](task).eval()
    if kind == "ClassifyTask":
        blend = type(task.blend)()
        return replace(task, model=model, wide=None, blend=blend)
    return replace(task, model=model)


# Modules are imported when a task of their kind is at hand, so that nothing pays for the others.
def _classifier(task: Any) -> Any:
    return import_module("vartai.tasks.classify.build").build_classifier(
        task.config.model,
        vocabulary_size=task.tokenizer.size,
        unknown_id=task.tokenizer.unknown_id,
        classes=len(task.labels),
        affixes=task.config.text.affixes,
    )


def _language_model(task: Any) -> Any:
    return import_module("vartai.tasks.generate.build").build_language_model(
        task.config,
        vocabulary_size=task.tokenizer.size,
        unknown_id=task.tokenizer.unknown_id,
    )


def _tagger(task: Any) -> Any:
    # Which tags may follow which is no weight of the layers, so it is left open.
    return import_module("vartai.tasks.tag.build").build_tagger(
        task.config.model,
        words=task.vocabulary.size,
        unknown_id=task.vocabulary.unknown_id,
        characters=task.vocabulary.characters_size,
        inputs=task.vocabulary.column_sizes,
        tags=len(task.tags),
        legal=None,
    )


_BUILDERS: dict[str, Callable[[Any], Any]] = {
    "ClassifyTask": _classifier,
    "GenerateTask": _language_model,
    "TagTask": _tagger,
}
