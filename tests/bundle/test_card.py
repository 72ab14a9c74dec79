"""The model card: front matter a hub can read, scores beside baselines."""

from __future__ import annotations

import yaml

from vartai.bundle import render_card
from vartai.tasks.card_facts import CardFacts

FACTS = CardFacts(
    tags=["lstm", "tricky: [yaml"],
    usage='vartai predict FOLDER "text"',
    data={"file": "reviews.csv", "rows": 12345, "rows left out": 3},
    training={"cell": "lstm", "seconds": 12.5, "bidirectional": True},
    metrics={"accuracy": 0.91234, "macro_f1": 0.9},
    baselines={"majority": {"accuracy": 0.5}, "TF-IDF | logistic": {"accuracy": 0.88}},
    limits=["Not for texts\nof other kinds."],
)
CARD = render_card("reviews", "classify", FACTS)


def test_front_matter_is_yaml() -> None:
    _, front, body = CARD.split("---\n", 2)
    assert yaml.safe_load(front) == {
        "library_name": "vartai",
        "pipeline_tag": "text-classification",
        "tags": ["vartai", "lstm", "tricky: [yaml"],
        "metrics": ["accuracy", "macro_f1"],
    }
    assert body.startswith("\n# reviews\n")


def test_scores_stand_beside_baselines() -> None:
    table = [line for line in CARD.splitlines() if line.startswith("|")]
    assert table == [
        "|  | accuracy | macro_f1 |",
        "| --- | ---: | ---: |",
        "| majority | 0.5 | – |",
        r"| TF-IDF \| logistic | 0.88 | – |",
        "| **this model** | 0.9123 | 0.9 |",
    ]


def test_facts_and_limits_are_listed() -> None:
    lines = CARD.splitlines()
    assert "- rows: 12,345" in lines
    assert "- bidirectional: True" in lines
    assert "- Not for texts of other kinds." in lines


def test_a_card_without_scores_says_so() -> None:
    nothing = CardFacts(
        tags=[],
        usage="vartai show FOLDER",
        data={},
        training={},
        metrics={},
        baselines={},
        limits=[],
    )
    card = render_card("m", "other", nothing)
    assert "None were measured." in card
    assert "pipeline_tag" not in card
    assert card.count("Not stated.") == 3
