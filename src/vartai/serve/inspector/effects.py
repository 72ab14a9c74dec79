"""Answers about what each word did to the prediction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vartai.inspect.words.explain import explain
from vartai.serve.inspector.fields import require_fields
from vartai.serve.inspector.opened import OpenedModel

Answer = dict[str, Any]


def effects(opened: OpenedModel, given: Mapping[str, str], place: int | None) -> Answer:
    """Each word coloured by what it did, a row for each method.

    Args:
        opened: a model that classifies, tags or generates.
        given: the text.
        place: token whose label is explained; of a classifier None.

    Raises:
        InputError: a text without any token.
        OptionError: what this model cannot be asked.
    """
    require_fields(opened.saved.name, given)
    found = explain(opened.saved.task, given["text"], place=place)
    return {
        "figure": found.figure(),
        "label": found.label,
        "against": found.against,
        "probability": round(found.probability, 4),
        "margin": round(found.margin, 3),
        "methods": list(found.effects),
        "notes": list(found.notes),
    }
