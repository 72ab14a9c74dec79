"""Generated pairs differ in the one thing that their kind says, and in nothing else."""

from __future__ import annotations

import pytest

from vartai.data.negation.contrasts import NEGATION_KINDS, generate_pairs
from vartai.errors import OptionError


@pytest.mark.parametrize("language", ["en", "lt"])
def test_kinds_that_turn_the_opinion_round_have_two_labels_and_others_one(language: str) -> None:
    found = generate_pairs("negation", language=language, count=30, seed=3)
    assert [pair.kind for pair in found.pairs] == [
        kind for kind in NEGATION_KINDS for _ in range(30)
    ]
    for pair in found.pairs:
        assert pair.should_flip == (pair.kind in ("negated", "moved")), pair
        same_words = sorted(pair.text_a.split()) == sorted(pair.text_b.split())
        assert same_words == (pair.kind == "moved"), pair
    assert {pair.label_a for pair in found.pairs} == {"positive", "negative"}


def test_a_negated_sentence_is_the_sentence_and_its_negator() -> None:
    for pair in generate_pairs("negation", language="en", count=40, seed=1).pairs[:40]:
        if "reason" in pair.text_a:
            continue  # "had reason to" becomes "had no reason to" or "did not have reason to"
        assert [word for word in pair.text_b.split() if word != "not"] == pair.text_a.split()


@pytest.mark.parametrize("language", ["en", "lt"])
def test_pairs_of_order_hold_the_same_words_and_opposite_labels(language: str) -> None:
    found = generate_pairs("order", language=language, count=50, seed=2, positive="1", negative="0")
    for pair in found.pairs:
        assert sorted(pair.text_a.split()) == sorted(pair.text_b.split())
        assert {pair.label_a, pair.label_b} == {"0", "1"}
    assert {pair.label_a for pair in found.pairs} == {"0", "1"}
    assert len({pair.kind for pair in found.pairs}) >= 5


def test_the_seed_decides_everything() -> None:
    def texts(seed: int) -> list[str]:
        made = generate_pairs("negation", language="lt", count=5, seed=seed)
        return [pair.text_b for pair in made.pairs]

    assert texts(4) == texts(4)
    assert texts(4) != texts(5)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"what": "irony"}, "unknown kind of pairs 'irony'; known: negation, order"),
        ({"language": "de"}, "unknown language 'de'; known: en, lt"),
        ({"count": 0}, "count must be at least 1"),
        ({"count": 10_001}, "count must be at least 1 and below 10001, was 10001"),
        ({"positive": "a", "negative": "a"}, "must differ, both were 'a'"),
    ],
)
def test_what_cannot_be_generated_is_refused(options: dict[str, object], expected: str) -> None:
    known = {"what": "negation", "language": "en", "count": 1, "seed": 0} | options
    with pytest.raises(OptionError, match=expected):
        generate_pairs(known.pop("what"), **known)  # type: ignore[arg-type]
