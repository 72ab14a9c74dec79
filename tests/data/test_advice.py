"""Advice: each problem is named with what to do about it, and an ordinary table needs none."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from vartai.data.advice import advise
from vartai.data.rejects import Reason
from vartai.data.summary import TableSummary

ORDINARY = TableSummary(
    file="table.csv",
    format="csv",
    columns=("text", "label"),
    text_columns=("text",),
    label_column="label",
    rows=5_000,
    labels={"pos": 3_000, "neg": 2_000},
    characters={0.0: 5, 0.25: 60, 0.5: 100, 0.75: 150, 0.95: 300, 1.0: 900},
    repeated_rows=0,
    conflicting_texts=0,
    rejected={},
    first_rejections=(),
    notes=(),
)


def test_an_ordinary_table_needs_no_advice() -> None:
    assert advise(ORDINARY) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rows": 1_900}, "logistic regression"),
        ({"characters": {**ORDINARY.characters, 0.5: 12}}, "logistic regression"),
        ({"characters": {**ORDINARY.characters, 0.95: 9_000}}, "--max-tokens"),
        ({"labels": {"pos": 4_900, "neg": 100}}, "--class-weights balanced"),
        ({"labels": {"pos": 2_500, "neg": 2_495, "odd": 5}}, "('odd')"),
        ({"labels": {"pos": 5_000}}, "only one label"),
        ({"labels": {str(place): 1 for place in range(4_000)}}, "is it the label?"),
        ({"label_column": None, "labels": {}}, "--label"),
        ({"conflicting_texts": 500}, "no model can get all of them right"),
        ({"rows": 0, "labels": {}, "characters": {}}, "No row can be used."),
    ],
)
def test_each_problem_is_named(change: dict[str, object], said: str) -> None:
    advice = advise(replace(ORDINARY, **change))  # type: ignore[arg-type]
    assert any(said in sentence for sentence in advice), advice


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_for_a_rejection_has_its_fix(reason: Reason) -> None:
    (sentence,) = advise(replace(ORDINARY, rejected={reason: 3}))
    assert sentence.startswith(f"3 × {reason}: ")
