"""Bundles of models that answer whose configuration is not what it should be."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from tests.tasks.answer.asked import trained

from vartai.errors import BundleError
from vartai.tasks.answer.task import AnswerTask


def changed(kind: str, **fields: object) -> Any:
    parts = trained(kind).to_parts()
    return replace(parts, config={**parts.config, **fields})


@pytest.mark.parametrize(
    ("kind", "fields", "fault"),
    [
        ("span", {"extra": 1}, "a model that answers has answerable, answers, characters"),
        ("span", {"options": []}, "options should be an object"),
        ("span", {"options": {"model": {"hops": -1}}}, "hops must be at least 1"),
        (
            "span",
            {"options": {"model": {"layers": 10**9}}},
            "layers must be at least 1 and below 101",
        ),
        ("span", {"options": {"modle": {}}}, "unknown option in the configuration 'modle'"),
        ("span", {"options": {}}, "options.questions.kind should be span or word, is null"),
        ("span", {"answers": ["a", "b"]}, "2 known answers do not go with kind span"),
        ("word", {"answers": []}, "0 known answers do not go with kind word"),
        ("word", {"answers": ["a", "a"]}, "answers should be different"),
        ("word", {"answers": [1]}, "answers should be a list of strings"),
        ("span", {"characters": "aa"}, "a string of different characters"),
        ("span", {"characters": "a\ud800"}, "no half of a surrogate pair"),
        ("span", {"characters": "".join(map(chr, range(0x10000, 0x30000)))}, "at most 100,000"),
        ("span", {"answerable": 1}, "answerable should be true or false"),
        ("span", {"threshold": float("nan")}, "threshold should be a number"),
        ("span", {"threshold": 1}, "threshold should be a number with a fraction"),
    ],
)
def test_a_wrong_configuration_is_refused_by_name(
    kind: str, fields: dict[str, object], fault: str
) -> None:
    parts = changed(kind, **fields)
    for take in (AnswerTask.shapes, AnswerTask.from_parts):
        with pytest.raises(BundleError, match=re.escape(fault)):
            take(parts)


def test_an_immense_model_is_measured_without_being_made() -> None:
    options = trained("span").to_parts().config["options"]
    huge = {**options, "model": {**options["model"], "hidden_size": 10_000_000}}
    shapes = AnswerTask.shapes(changed("span", options=huge))
    assert shapes["start.weight"] == (20_000_000, 20_000_000)
